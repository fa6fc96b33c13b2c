import json
from dataclasses import replace

import pytest

from studio.chance import CELLS, Dice, random_recipe
from studio.cli import main
from studio.errors import RecipeError
from studio.motion import MOTIONS
from studio.plain import to_plain
from studio.recipe import FaultPlan, Recipe, load_recipe, recipe_from_plain
from studio.sets import SET_NAMES, clips_of


@pytest.mark.parametrize("exercise", sorted(MOTIONS))
def test_a_recipe_survives_json(exercise):
    recipe = random_recipe(exercise, next(iter(MOTIONS[exercise].views)), 5, fault_probability=1.0)
    again = recipe_from_plain(json.loads(json.dumps(to_plain(recipe))))
    assert again == recipe
    assert again.digest() == recipe.digest()


def test_any_change_changes_the_digest():
    recipe = random_recipe("rom-seated", "front", 1)
    person = replace(recipe.person, look=replace(recipe.person.look, sleeve=0.123))
    assert replace(recipe, person=person).digest() != recipe.digest()
    assert replace(recipe, seed=recipe.seed + 1).digest() != recipe.digest()


def test_the_same_seed_gives_the_same_recipe():
    assert random_recipe("rom-seated", "front", 1) == random_recipe("rom-seated", "front", 1)
    assert random_recipe("rom-seated", "front", 1) != random_recipe("rom-seated", "front", 2)


def test_a_short_toml_recipe_is_enough(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(
        'exercise = "seated-rotation"\nside = "right"\n[sensor]\nfps = 20\n[settings]\npeak = 28\n'
        "[[movements]]\nlevel = 1.0\nhold_s = 2.0\n[[movements]]\nlevel = 0.4\npartial = true\ncycle = 1\n"
        '[[faults]]\nkind = "trunk-lean"\namount = 15\ncycles = [1]\n'
    )
    recipe = load_recipe(path)
    assert recipe.sensor.fps == 20.0
    assert recipe.movements[1].partial
    assert recipe.faults == (FaultPlan("trunk-lean", 15.0, (1,)),)


def test_all_problems_are_reported_together():
    with pytest.raises(RecipeError) as caught:
        recipe_from_plain({"exercise": "rom-seated", "side": "up", "sensor": {"fps": "fast", "iso": 100}})
    message = str(caught.value)
    for part in ("side", "left", "sensor.fps", "iso", "allowed keys"):
        assert part in message


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"exercise": "yoga"}, "unknown exercise"),
        ({"view": "above"}, "view"),
        ({"settings": {"peek": 3.0}}, "peek"),
        ({"faults": (FaultPlan("slouch", 3.0),)}, "slouch"),
    ],
)
def test_impossible_recipes_are_refused(change, part):
    with pytest.raises(RecipeError, match=part):
        Recipe(**({"exercise": "rom-seated"} | change))


def test_an_unreadable_recipe_is_named(tmp_path):
    with pytest.raises(RecipeError, match=r"none\.toml"):
        load_recipe(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("exercise = ")
    with pytest.raises(RecipeError, match="not valid TOML"):
        load_recipe(tmp_path / "bad.toml")


class TestSplits:
    def test_draws_of_the_two_splits_never_share_a_cell(self):
        def cells(split):
            dice = Dice(3, split)
            return {int(dice.between(0, 1) * CELLS) for _ in range(400)}

        assert cells("tune") == {0, 2, 4, 6, 8}
        assert cells("test") == {1, 3, 5, 7, 9}

    def test_bodies_clothes_cameras_and_tempos_are_disjoint(self):
        tune, test = ([c.recipe for c in clips_of(name)] for name in ("tune", "test"))
        for pick in (
            lambda r: r.person.shape,
            lambda r: r.person.look.shirt,
            lambda r: (r.camera.fov_deg, r.camera.elevation_deg),
            lambda r: tuple(m.out_s for m in r.movements),
        ):
            assert not {pick(r) for r in tune} & {pick(r) for r in test}

    def test_names_are_unique_and_the_sets_are_of_the_planned_size(self):
        for name, low, high in (
            ("tune", 100, 400),
            ("test", 100, 400),
            ("fresh", 20, 60),
            ("quick", 20, 40),
            ("people", 500, 700),
            ("check", 30, 50),
        ):
            clips = clips_of(name)
            assert low <= len(clips) <= high
            assert len({c.name for c in clips}) == len(clips)

    def test_the_seated_test_is_filmed_twice_with_all_but_the_camera_the_same(self):
        clips = {c.name: c.recipe for c in clips_of("test") if c.recipe.exercise == "rom-seated"}
        again = [name for name in clips if name.endswith("b")]
        assert len(again) == 8
        for name in again:
            first, second = clips[name[:-1]], clips[name]
            assert first.camera != second.camera
            assert replace(second, camera=first.camera) == first

    @pytest.mark.parametrize("name", ["test", "tune", "people", "check"])
    def test_fresh_people_are_in_no_other_set(self, name):
        others = {c.recipe.person for c in clips_of(name)}
        assert not any(c.recipe.person in others for c in clips_of("fresh"))

    @pytest.mark.parametrize("name", SET_NAMES)
    def test_each_set_can_be_asked_for_by_name(self, name, tmp_path, capsys):
        assert main(["set", name, "--out", str(tmp_path), "--only", "nobody"]) == 2
        assert f"none of the {len(clips_of(name))} clips of {name} has 'nobody' in" in capsys.readouterr().err

    def test_a_set_that_is_not_there_is_told_with_those_that_are(self, tmp_path, capsys):
        assert main(["set", "everyone", "--out", str(tmp_path)]) == 2
        assert "there are tune, test, fresh" in capsys.readouterr().err

    @pytest.mark.parametrize("name", ["quick", "people", "check"])
    def test_only_test_is_reported_from(self, name):
        bodies = {c.recipe.person for c in clips_of("test")}
        assert not any(c.recipe.person in bodies for c in clips_of(name))

    def test_a_raised_camera_is_learnt_from_where_it_hardly_shows_in_the_pose(self):
        views = {(c.recipe.exercise, c.recipe.view) for c in clips_of("people")}
        assert {("side-lying-rotation", "front"), ("side-lying-rotation", "front-high")} <= views

    def test_the_check_is_on_people_who_were_not_learnt_from(self):
        learnt = {c.recipe.person for c in clips_of("people")}
        assert len(learnt) > 300
        assert not any(c.recipe.person in learnt for c in clips_of("check"))
