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
	case 'content':
		update_option( 'posts_per_rss', 100 );
		// The page that WordPress begins with leads to its own administration, where nothing is afterwards.
		wp_delete_post( get_page_by_path( 'sample-page' )->ID, true );
		$picture = function ( $name, $parent, $caption ) use ( $data ) {
			$stored = wp_upload_bits( $name, null, base64_decode( $data['picture'] ), '2015/04' );
			$id     = wp_insert_attachment(
				array(
					'post_mime_type' => 'image/png',
					'post_title'     => $name,
					'post_excerpt'   => $caption,
					'post_status'    => 'inherit',
				),
				$stored['file'],
				$parent
			);
			update_post_meta( $id, '_wp_attachment_image_alt', "A picture of $name" );
			return array( $id, $stored['url'] );
		};
		$insert  = function ( $title, $content, $date, $more = array() ) {
			$post = array(
				'post_title'   => $title,
				'post_content' => $content,
				'post_date'    => $date,
				'post_status'  => 'publish',
				'post_author'  => 1,
			);
			return wp_insert_post( wp_slash( array_merge( $post, $more ) ) );
		};
		$classic = $insert( 'A classic post', '', '2015-04-05 23:30:00', array( 'tags_input' => array( 'C++', 'C', 'Steps & stairs' ) ) );
		list( $one, $url ) = $picture( 'steps.png', $classic, 'Its <em>caption</em>' );
		$picture( 'lamp.png', $classic, '' );
		wp_update_post(
			wp_slash(
				array(
					'ID'           => $classic,
					'post_content' => "First line.\nSecond line -- with \"quotes\", it's 3x4 ... and \\ too.\n\n"
						. "[caption id=\"attachment_$one\" align=\"alignnone\" width=\"300\"]<img src=\"$url\" alt=\"Steps\" width=\"300\" height=\"200\" /> A caption with <b>bold</b>[/caption]\n\n"
						. "<ul>\n<li>one</li>\n<li>two <strong>strong</strong></li>\n</ul>\n<pre>if a &lt; b:\n\n    print(1)</pre>\n\n* not a list\n# not a heading\n\n[gallery link=\"file\"]\n\nThe end.",
				)
			)
		);
		$link   = get_permalink( $classic );
		$blocks = $insert(
			'Blocks & “more”',
			"<!-- wp:paragraph -->\n<p>See <a href=\"$link\">the classic one</a> and <a href=\"/?p=$classic\">its short address</a>, <code>a_b*c</code> and <s>gone</s>.</p>\n<!-- /wp:paragraph -->\n\n"
			. "<!-- wp:heading -->\n<h2>A heading, it's one</h2>\n<!-- /wp:heading -->\n\n<!-- wp:list {\"ordered\":true} -->\n<ol><li>one</li><li>two<ul><li>inner</li></ul></li></ol>\n<!-- /wp:list -->\n\n"
			. "<!-- wp:quote -->\n<blockquote class=\"wp-block-quote\"><p>Forty steps, and nine are loose.</p><cite>Ida Quill, <a href=\"https://quill.example/steps\">On steps</a></cite></blockquote>\n<!-- /wp:quote -->\n\n"
			. "<!-- wp:code -->\n<pre class=\"wp-block-code\"><code>fn main() {\n\n    a &amp;&amp; b\n}</code></pre>\n<!-- /wp:code -->\n\n"
			. "<!-- wp:table -->\n<figure class=\"wp-block-table\"><table><thead><tr><th>Step</th><th>State</th></tr></thead><tbody><tr><td>1</td><td>loose | firm</td></tr></tbody></table></figure>\n<!-- /wp:table -->\n\n"
			. "<!-- wp:image {\"id\":$one} -->\n<figure class=\"wp-block-image\"><img src=\"$url\" alt=\"Steps\" class=\"wp-image-$one\"/><figcaption>Seen <em>from below</em></figcaption></figure>\n<!-- /wp:image -->\n\n"
			. "<!-- wp:separator -->\n<hr class=\"wp-block-separator\"/>\n<!-- /wp:separator -->\n\n<!-- wp:columns -->\n<div class=\"wp-block-columns\"><!-- wp:column -->\n<div class=\"wp-block-column\"><!-- wp:paragraph -->\n<p>Left.</p>\n<!-- /wp:paragraph --></div>\n<!-- /wp:column --><!-- wp:column -->\n<div class=\"wp-block-column\"><!-- wp:paragraph -->\n<p>Right.</p>\n<!-- /wp:paragraph --></div>\n<!-- /wp:column --></div>\n<!-- /wp:columns -->",
			'2019-12-31 23:50:00',
			array( 'tags_input' => array( 'C' ) )
		);
		$page   = $insert( 'About the harbour', "Who we are.\n\nAnd <a href=\"$link#comment-1\">where</a>.", '2014-01-01 10:00:00', array( 'post_type' => 'page' ) );
		$insert( 'Its people', 'Ida &amp; Bo.', '2014-01-02 10:00:00', array( 'post_type' => 'page', 'post_parent' => $page ) );
		$insert( 'Ä title in Ünïcode 灯', '灯と影。**「強調」**です。', '2016-02-29 12:00:00' );
		$insert( 'Protected', 'The word is Sesamkorn.', '2016-03-01 12:00:00', array( 'post_password' => 'secret' ) );
		$insert( 'Private', 'The word is Mohnkorn.', '2016-03-02 12:00:00', array( 'post_status' => 'private' ) );
		$insert( 'Draft', 'The word is Haferkorn.', '2016-03-03 12:00:00', array( 'post_status' => 'draft' ) );
		$comment = fn( $text, $parent, $approved = 1 ) => wp_insert_comment(
			array(
				'comment_post_ID'      => $blocks,
				'comment_author'       => 'Bo & Co',
				'comment_author_email' => 'bo@secret.example',
				'comment_author_IP'    => '192.0.2.77',
				'comment_content'      => $text,
				'comment_parent'       => $parent,
				'comment_approved'     => $approved,
				'comment_date_gmt'     => '2020-01-0' . ( 1 + $parent % 8 ) . ' 10:00:00',
			)
		);
		$first   = $comment( "First voice, with\na break.", 0 );
		$second  = $comment( 'Second voice.', $first );
		$comment( 'Third voice.', $second );
		$comment( 'Voice of Roggenkorn.', 0, 0 );
		$public = get_posts( array( 'post_type' => array( 'post', 'page' ), 'post_status' => 'publish', 'has_password' => false, 'numberposts' => -1 ) );
		$answer = array(
			'public'    => array_map( fn( $post ) => array( 'title' => $post->post_title, 'link' => get_permalink( $post ) ), $public ),
			'short'     => array( home_url( "/?p=$classic" ) => $link ),
			'discussed' => get_permalink( $blocks ),
			'comments'  => array( 'First voice, with', 'Second voice.', 'Third voice.', 'Bo &amp; Co' ),
			'secret'    => array( 'Sesamkorn', 'Mohnkorn', 'Haferkorn', 'Roggenkorn', 'bo@secret.example', '192.0.2.77' ),
		);
		break;
	case 'export':
		require ABSPATH . 'wp-admin/includes/export.php';
		ob_start();
		export_wp( array( 'content' => 'all' ) );
		$answer = file_put_contents( $data['file'], ob_get_clean() );
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
