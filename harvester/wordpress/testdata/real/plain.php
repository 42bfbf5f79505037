<?php
// Takes the "pretty permalinks" back, as on a server that cannot rewrite addresses, and adds
// two entries to the library; WordPress fails on the first of them.
define('ABSPATH', __DIR__ . '/');
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST);
$_SERVER['REQUEST_URI'] = '/';
require ABSPATH . 'wp-load.php';
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('');
flush_rewrite_rules();
$add = fn($name, $text) => wp_insert_post(['post_type' => 'library', 'post_name' => $name, 'post_title' => $name, 'post_content' => $text, 'post_status' => 'publish']);
echo json_encode(['crashing' => $add('crashing', '<p>Before</p>[crash]'), 'behind' => $add('behind', '<p>Text</p>')]);
