<?php
// A must-use plugin: a type for the library with a taxonomy of its own, and the two fields
// by which Polylang shows languages. No mail leaves the test. One shortcode crashes, as those
// of forgotten plugins do after an update of PHP.
function wp_mail() { return true; }
add_shortcode('crash', function () { throw new RuntimeException('this shortcode is broken'); });

add_action('init', function () {
	register_taxonomy('resource_type', 'library', ['public' => true, 'show_in_rest' => true, 'rest_base' => 'resource-types', 'label' => 'Resource types']);
	register_post_type('library', ['public' => true, 'show_in_rest' => true, 'rest_base' => 'library', 'label' => 'Library', 'supports' => ['title', 'editor', 'excerpt'], 'has_archive' => true]);
});

add_action('rest_api_init', function () {
	register_rest_field('post', 'lang', ['get_callback' => fn($post) => get_post_meta($post['id'], 'lang', true)]);
	register_rest_field('post', 'translations', ['get_callback' => fn($post) => (object) (get_post_meta($post['id'], 'translations', true) ?: [])]);
});
