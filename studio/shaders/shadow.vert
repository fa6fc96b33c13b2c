#version 330
// Depth of the scene as the key light sees it.
uniform mat4 view_projection;
in vec3 position;
void main() { gl_Position = view_projection * vec4(position, 1.0); }
