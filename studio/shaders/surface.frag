#version 330
// Compiled twice: with BODY defined for people, without it for the room.
in vec3 world; in vec3 world_normal; in vec3 rest_point; in vec3 attr_a; in vec3 attr_b;
out vec4 pixel;

uniform vec3 camera;
// Light
uniform mat4 light_view_projection; uniform sampler2DShadow shadow_map; uniform float shadow_softness;
uniform vec3 key_position; uniform vec3 key_colour; uniform vec3 fill_position; uniform vec3 fill_colour;
uniform vec3 sky_colour; uniform vec3 ground_colour;
// The person's look
uniform vec3 skin; uniform vec3 shirt; uniform vec3 trousers; uniform vec3 footwear; uniform vec3 hair;
uniform vec3 left_eye; uniform vec3 right_eye; uniform int is_striped; uniform int has_shoes; uniform float body_scale;
// Body capsules for contact shadows: xyz and radius, xyz of the other end; and a sphere around all of them
uniform int capsule_count; uniform vec4 capsule_start[16]; uniform vec4 capsule_end[16]; uniform vec4 body_sphere;

// A software rasteriser runs both sides of every `if`, but leaves a loop that no pixel enters.
#define WHERE(condition) for (int once = (condition) ? 1 : 0; once > 0; once--)

const int TAPS = 6;  // samples of the soft shadow
const int PLANKS = 1, CARPET = 2, WALL = 3, MAT = 4, OBJECT = 5, GLOW = 6, TILES = 7;

float hash(vec3 q) {
  q = fract(q * vec3(.1031, .11369, .13787)); q += dot(q, q.yzx + 19.19);
  return fract((q.x + q.y) * q.z);
}
float noise(vec3 q) {
  vec3 i = floor(q), f = fract(q); f = f * f * (3. - 2. * f);
  return mix(mix(mix(hash(i), hash(i + vec3(1,0,0)), f.x), mix(hash(i + vec3(0,1,0)), hash(i + vec3(1,1,0)), f.x), f.y),
             mix(mix(hash(i + vec3(0,0,1)), hash(i + vec3(1,0,1)), f.x), mix(hash(i + vec3(0,1,1)), hash(i + vec3(1,1,1)), f.x), f.y), f.z);
}

struct Surface { vec3 colour; vec3 normal; float gloss; float skin; float glow; };

#ifdef BODY

vec3 rumple(vec3 normal, float fine, float coarse, float amount) {
  return normalize(normal + amount * vec3(noise(rest_point * fine) - .5, noise(rest_point * fine + 7.) - .5, noise(rest_point * coarse) - .5));
}

void paint_eye(inout Surface s) {
  vec3 centre = rest_point.x > 0. ? left_eye : right_eye;
  float d = length((rest_point - centre).xz - vec2(0., -.001));
  s.colour = d < .0024 ? vec3(.02) : d < .0058 ? vec3(.20, .12, .07) : vec3(.86, .83, .80);
  s.gloss = .5;
}

void paint_skin(inout Surface s, float lip) {
  vec3 c = skin * (.95 + .07 * noise(rest_point * 90.) + .05 * noise(rest_point * 420.));
  c = mix(c, c * vec3(1.02, .68, .66), .75 * lip);
  vec3 eye = rest_point.x > 0. ? left_eye : right_eye;
  vec3 q = (rest_point - eye) / body_scale;
  float out_of_eye = abs(rest_point.x / body_scale) - abs(eye.x / body_scale);
  if (q.y < .03 && q.y > -.08) {
    // Eyebrow: an arc above the eye; then the shade of the lid
    float arc = .0215 - 7. * (out_of_eye - .002) * (out_of_eye - .002);
    float width = .0036 * (1. - smoothstep(.012, .026, abs(out_of_eye - .003)));
    c = mix(c, hair * .8, smoothstep(width, width * .4, abs(q.z - arc)) * step(.0005, width) * .85);
    c *= 1. - .28 * (1. - smoothstep(.011, .017, length(vec2(out_of_eye * .8, q.z * 1.2))));
  }
  vec2 cheek = vec2(abs(rest_point.x / body_scale) - .045, q.z + .045);
  c = mix(c, c * vec3(1.06, .9, .88), .35 * exp(-dot(cheek, cheek) / .0006) * step(q.y, .03));
  s.colour = c; s.skin = 1.;
}

void paint_person(inout Surface s) {
  float on_shirt = attr_a.x, on_trousers = attr_a.y, on_feet = attr_a.z, on_hair = attr_b.x;
  bool is_eye = attr_b.z > .5;
  bool is_shirt = !is_eye && on_shirt > 0., is_trousers = !is_eye && !is_shirt && on_trousers > 0.;
  bool is_foot = !is_eye && !is_shirt && !is_trousers && on_feet > 0.;
  bool is_bare = !is_eye && !is_shirt && !is_trousers && !is_foot;
  bool is_hair = false;
  WHERE(is_bare) is_hair = on_hair > -.005 + .006 * noise(rest_point * 220.);
  WHERE(is_eye) paint_eye(s);
  WHERE(is_shirt) {
    s.colour = shirt * (.93 + .1 * noise(rest_point * 260.)) * (on_shirt < .008 ? .8 : 1.);
    if (is_striped == 1 && fract(rest_point.z * 14.) < .35) s.colour = mix(s.colour, vec3(.9), .6);
    s.normal = rumple(s.normal, 22., 11., .35); s.gloss = .01;
  }
  WHERE(is_trousers) {
    s.colour = trousers * (.93 + .1 * noise(rest_point * 300.)) * (on_trousers < .006 ? .8 : 1.);
    s.normal = rumple(s.normal, 26., 18., .22); s.gloss = .015;
  }
  WHERE(is_foot) {
    bool is_sole = has_shoes == 1 && on_feet > .075 * body_scale;
    s.colour = is_sole ? vec3(.83, .83, .81) : footwear * (.94 + .08 * noise(rest_point * 280.));
    s.gloss = has_shoes == 1 ? .05 : .01;
  }
  WHERE(is_bare && is_hair) {
    s.colour = hair * (.65 + .7 * noise(rest_point * vec3(160., 160., 30.))); s.gloss = .06;
  }
  WHERE(is_bare && !is_hair) paint_skin(s, attr_b.y);
}

#else

vec3 planks(vec3 base) {
  vec2 u = world.xy; float row = floor(u.y / .14); float shift = hash(vec3(row, 3, 1)) * 1.3;
  float plank = floor((u.x + shift) / 1.1); float tone = hash(vec3(row, plank, 5));
  float grain = noise(vec3(u.x * 3., u.y * 60., tone * 9.));
  float edge = min(fract(u.y / .14), 1. - fract(u.y / .14)) * .14;
  float end = min(fract((u.x + shift) / 1.1), 1. - fract((u.x + shift) / 1.1)) * 1.1;
  return base * (.78 + .22 * tone) * (.9 + .18 * grain) * mix(.6, 1., smoothstep(0., .003, min(edge, end)));
}

vec3 tiles(vec3 base) {
  vec2 cell = floor(world.xy / .45), f = fract(world.xy / .45); vec2 e = min(f, 1. - f) * .45;
  return base * (.92 + .1 * hash(vec3(cell, 2.))) * mix(.7, 1., smoothstep(.002, .006, min(e.x, e.y)));
}

void paint_room(inout Surface s) {
  int material = int(attr_b.x + .5); vec3 c = attr_a;
  WHERE(material == PLANKS) { s.colour = planks(c); s.gloss = .05; }
  WHERE(material == TILES) { s.colour = tiles(c); s.gloss = .06; }
  WHERE(material == CARPET) { s.colour = c * (.75 + .25 * noise(world * 90.) + .1 * noise(world * 12.)); s.gloss = 0.; }
  WHERE(material == WALL) { s.colour = world.z < .10 ? vec3(.88) : c * (.97 + .04 * noise(world * 40.)); s.gloss = .01; }
  WHERE(material == MAT) { s.colour = c * (.9 + .12 * noise(world * 200.)); s.gloss = .01; }
  WHERE(material == GLOW) { s.colour = c; s.glow = attr_b.y; }
  WHERE(material == OBJECT) { s.colour = c * (.9 + .12 * noise(world * vec3(50., 50., 12.))); s.gloss = .03; }
}

#endif

// Ambient occlusion by the body: each capsule darkens what lies close to it.
float occlusion(vec3 normal) {
  vec3 away = world - body_sphere.xyz;
  float open = 1.;
  int near = dot(away, away) > body_sphere.w * body_sphere.w ? 0 : capsule_count;
  for (int i = 0; i < near; i++) {
    vec3 a = capsule_start[i].xyz, ba = capsule_end[i].xyz - a; float radius = capsule_start[i].w;
    float h = clamp(dot(world - a, ba) / max(dot(ba, ba), 1e-6), 0., 1.);
    vec3 d = a + ba * h - world; float l = length(d);
    float faces = clamp(dot(normal, d / max(l, 1e-4)), 0., 1.); float q = radius / max(l, radius * 1.02);
    if (l > radius * 1.05) open *= 1. - .62 * faces * q * q;
  }
#ifdef BODY
  open *= near > 0 ? mix(.72, 1., smoothstep(0., .25, world.z)) : 1.;
#endif
  return open;
}

float key_light_reaching(vec3 normal, bool faces_it) {
  vec4 p = light_view_projection * vec4(world + normal * .012, 1.); vec3 s = p.xyz / p.w * .5 + .5;
  bool outside = any(lessThan(s, vec3(0.))) || any(greaterThan(s, vec3(1.)));
  int taps = faces_it && !outside ? TAPS : 0;
  float sum = 0., angle = 6.2831 * hash(vec3(gl_FragCoord.xy, 1.));
  for (int k = 0; k < taps; k++) {
    float r = sqrt((float(k) + .5) / float(TAPS)) * shadow_softness, t = angle + 2.39996 * float(k);
    sum += texture(shadow_map, vec3(s.xy + r * vec2(cos(t), sin(t)), s.z - .0008));
  }
  return outside ? 1. : sum / float(TAPS);
}

void main() {
  vec3 to_camera = normalize(camera - world);
  Surface s = Surface(vec3(1.), normalize(world_normal), .04, 0., 0.);
  if (dot(s.normal, to_camera) < 0.) s.normal = -s.normal;
#ifdef BODY
  paint_person(s);
#else
  paint_room(s);
#endif
  float open = occlusion(s.normal);
  vec3 to_key = key_position - world; float distance = length(to_key); to_key /= distance;
  float facing = s.skin > .5 ? max((dot(s.normal, to_key) + .18) / 1.18, 0.) : max(dot(s.normal, to_key), 0.);
  float lit = key_light_reaching(s.normal, facing > 0.);
  float fading = 9. / (4. + distance * distance);
  vec3 to_fill = normalize(fill_position - world);
  vec3 ambient = mix(ground_colour, sky_colour, .5 + .5 * s.normal.z) * open;
  vec3 linear = pow(s.colour, vec3(2.2));
  vec3 c = linear * (ambient + key_colour * facing * lit * fading + fill_colour * max(dot(s.normal, to_fill) * .7 + .3, 0.) * open);
  float shine = s.gloss * pow(max(dot(s.normal, normalize(to_key + to_camera)), 0.), 28.) * 6.;
  c += key_colour * shine * lit * fading * .25;
  if (s.skin > .5) c += linear * vec3(.10, .03, .02) * pow(1. - max(dot(s.normal, to_camera), 0.), 2.) * open;
  c += linear * s.glow;
  c = c * (1. + c * .12) / (1. + c * .55) * 1.25;
  pixel = vec4(pow(clamp(c, 0., 1.), vec3(1. / 2.2)), 1.);
}
