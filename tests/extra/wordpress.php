<?php
// What the checks want of WordPress, without its screens: `php wordpress.php CONFIG ACT`, with the act's data as JSON on
// standard input and its answer as JSON on standard output.

error_reporting( E_ERROR );
list( , $site, $act ) = $argv;
$data = json_decode( stream_get_contents( STDIN ), true );
$_SERVER['HTTP_HOST'] = $data['host'];
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET';

if ( 'install' === $act ) {
	( new mysqli( 'localhost', 'root', '', '', 0, $data['socket'] ) )->query( 'CREATE DATABASE wordpress' );
	define( 'WP_INSTALLING', true );
}
require "$site/wp-load.php";

switch ( $act ) {
	case 'install':
		require ABSPATH . 'wp-admin/includes/upgrade.php';
		wp_install( 'Alder & Ash', 'ada', 'ada@example.com', true, '', 'secret' );
		update_option( 'permalink_structure', '/%year%/%monthnum%/%day%/%postname%/' );
		update_option( 'default_pingback_flag', 1 );
		update_option( 'comment_moderation', 0 );
		update_option( 'comment_previously_approved', 0 );
		flush_rewrite_rules();
		$answer = get_bloginfo( 'version' );
		break;
	case 'publish':
		$id = wp_insert_post(
			array(
				'post_title'   => $data['title'],
				'post_content' => $data['content'],
				'post_status'  => 'publish',
				'post_author'  => 1,
				'ping_status'  => 'open',
				'to_ping'      => $data['to_ping'] ?? '',
			)
		);
		$answer = get_permalink( $id );
		break;
	case 'ping':
		// What WordPress's own timer does a moment after a post was published.
		do_all_pings();
		$answer = true;
		break;
	case 'comments':
		$answer = array_map(
			fn( $comment ) => array(
				'type'   => $comment->comment_type,
				'author' => $comment->comment_author,
				'url'    => $comment->comment_author_url,
				'text'   => $comment->comment_content,
				'post'   => get_permalink( $comment->comment_post_ID ),
			),
			get_comments( array( 'type__in' => array( 'pingback', 'trackback' ) ) )
		);
		break;
}
echo json_encode( $answer );
