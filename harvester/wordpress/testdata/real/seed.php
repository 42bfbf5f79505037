<?php
// Installs WordPress and fills it; prints the ids by name as JSON.
define('ABSPATH', __DIR__ . '/');
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = parse_url(getenv('WP_URL'), PHP_URL_HOST) . ':' . parse_url(getenv('WP_URL'), PHP_URL_PORT);
$_SERVER['REQUEST_URI'] = '/';
require ABSPATH . 'wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Example Agency & Partners', 'office', 'office@agency.example', true, '', 'for-a-test-only');
wp_set_current_user(1);
switch_theme('plain');
update_option('timezone_string', 'Asia/Bangkok');
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('/%postname%/');
flush_rewrite_rules();
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'any', 'numberposts' => -1]) as $given) {
	wp_delete_post($given->ID, true);
}

$shelter = wp_create_category('Shelter & care');
$law = wp_create_category('Law');
$acts = wp_create_category('Acts', $law);
$sports = wp_create_category('Sports day');
$ids = [];
$add = function ($name, $title, $text, $more = []) use (&$ids) {
	$id = wp_insert_post($more + ['post_title' => $title, 'post_name' => $name, 'post_content' => $text, 'post_status' => 'publish', 'post_date' => '2024-05-06 00:30:00'], true);
	if (is_wp_error($id)) {
		fwrite(STDERR, $id->get_error_message());
		exit(1);
	}
	return $ids[$name] = $id;
};
$english = $add('guidelines', 'Guidelines on the identification of victims of trafficking', '<p>How front-line officers identify victims of trafficking in persons, step by step, and refer them to a shelter.</p><p><a href="/wp-content/uploads/2024/05/guidelines.pdf">Download the guidelines</a></p>', ['post_category' => [$shelter, $acts], 'tags_input' => ['identification', 'referral']]);
$khmer = $add('guidelines-km', 'គោលការណ៍ណែនាំស្តីពីការកំណត់អត្តសញ្ញាណជនរងគ្រោះនៃអំពើជួញដូរមនុស្ស', '<p>របៀបដែលមន្ត្រីកំណត់អត្តសញ្ញាណជនរងគ្រោះដោយអំពើជួញដូរមនុស្ស និងបញ្ជូនពួកគេទៅកាន់មណ្ឌលសង្គ្រោះ។</p>', ['post_category' => [$shelter]]);
$add('handbook-th', 'คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์', '<p>คู่มือสำหรับเจ้าหน้าที่ในการคัดแยกผู้เสียหายจากการค้ามนุษย์และการส่งต่อไปยังสถานคุ้มครอง</p>', ['post_category' => [$law]]);
$add('so-tay-vi', 'Sổ tay hướng dẫn xác định nạn nhân bị mua bán', '<p>Sổ tay dành cho cán bộ về việc xác định, tiếp nhận và hỗ trợ nạn nhân bị mua bán người.</p>', ['post_category' => [$law]]);
$add('panduan-id', 'Panduan penanganan korban perdagangan orang', '<p>Panduan bagi petugas dalam mengidentifikasi dan melindungi korban tindak pidana perdagangan orang.</p>', ['post_category' => [$acts]]);
$add('football', 'Staff football match', '<p>The sports day of the agency.</p>', ['post_category' => [$sports]]);
$add('private', 'Private note', '<p>Not for readers.</p>', ['post_status' => 'private', 'post_category' => [$shelter]]);
$add('protected', 'Behind a password', '<p>Not for everybody.</p>', ['post_password' => 'secret', 'post_category' => [$shelter]]);
$add('scheduled', 'Law on trafficking in persons, scheduled', '<p>The law on trafficking in persons enters into force.</p>', ['post_status' => 'future', 'post_date' => wp_date('Y-m-d H:i:s', time() + 86400), 'post_category' => [$law]]);
$add('about', 'About the agency', '<p>The agency protects victims of trafficking.</p>', ['post_type' => 'page']);
$manual = $add('manual', 'Training manual on victim protection', '<p>A manual on the protection of victims of trafficking.</p>', ['post_type' => 'library', 'post_excerpt' => 'For trainers of shelter staff.']);
wp_set_object_terms($manual, 'Training module', 'resource_type');
foreach ([[$english, 'en'], [$khmer, 'km']] as [$id, $lang]) {
	update_post_meta($id, 'lang', $lang);
	update_post_meta($id, 'translations', ['en' => $english, 'km' => $khmer]);
}
$ids['pdf'] = wp_insert_attachment(['post_title' => 'Guidelines (PDF)', 'post_mime_type' => 'application/pdf', 'post_status' => 'inherit', 'post_date' => '2024-05-06 00:30:00'], ABSPATH . 'wp-content/uploads/2024/05/guidelines.pdf', $english);
$ids['photo'] = wp_insert_attachment(['post_title' => 'A photo', 'post_mime_type' => 'image/png', 'post_status' => 'inherit'], ABSPATH . 'wp-content/uploads/2024/05/photo.png', $english);
echo json_encode($ids);
