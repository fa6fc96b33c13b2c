#version 330
// One format for people and rooms. For people: rest position and the garment fields. For the room: `rest`
// repeats the position, `first` is the colour and `second.x` the material.
uniform mat4 view_projection;
in vec3 position; in vec3 normal; in vec3 rest; in vec3 first; in vec3 second;
out vec3 world; out vec3 world_normal; out vec3 rest_point; out vec3 attr_a; out vec3 attr_b;
void main() {
  world = position; world_normal = normal; rest_point = rest; attr_a = first; attr_b = second;
  gl_Position = view_projection * vec4(position, 1.0);
}
