<?php
// What editors do between two visits: one entry is changed, one removed, one scheduled
// entry has its hour, which WordPress does not count as a change.
define('ABSPATH', __DIR__ . '/');
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST);
$_SERVER['REQUEST_URI'] = '/';
require ABSPATH . 'wp-load.php';
global $wpdb;
$id = fn($name, $type = 'post') => (int) $wpdb->get_var($wpdb->prepare("SELECT ID FROM $wpdb->posts WHERE post_name = %s AND post_type = %s", $name, $type));
wp_update_post(['ID' => $id('panduan-id'), 'post_title' => 'Panduan penanganan korban perdagangan orang, edisi kedua']);
wp_delete_post($id('handbook-th'), true);
$scheduled = $id('scheduled');
$wpdb->update($wpdb->posts, ['post_date' => wp_date('Y-m-d H:i:s', time() - 60), 'post_date_gmt' => gmdate('Y-m-d H:i:s', time() - 60), 'post_modified' => '2024-05-06 00:00:00', 'post_modified_gmt' => '2024-05-05 17:00:00'], ['ID' => $scheduled]);
clean_post_cache($scheduled);
wp_publish_post($scheduled);
