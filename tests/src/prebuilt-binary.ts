// Texts are compared with node-llama-cpp's own, so a build that a developer's machine has must not run instead.
process.env['HEADWAY_PREBUILT'] ??= '1';
