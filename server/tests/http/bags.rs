//! The bag and its notices: two tabs at once, browsers without cookies, foreign cookies, notices
//! that are shown once.

use domain::language::Language::{En, Es};

use super::bad_input::a_good_form;
use super::site::{PAYMENT_PAGE, Site};
use crate::sales::test_shop::{PIECES, piece};
use crate::support::TestDb;

on_both_engines!(
    pieces_put_in_at_the_same_time_all_stay,
    two_first_pieces_from_two_tabs_are_in_one_bag,
    what_is_taken_out_in_one_tab_stays_out_in_the_other,
    a_bag_takes_so_many_pieces_however_fast_they_come,
    two_tabs_begin_one_purchase,
    a_browser_that_keeps_no_cookies_is_told_so_once,
    a_foreign_cookie_does_not_empty_the_bag,
    a_notice_is_said_once_and_to_nobody_else,
    a_refused_piece_is_told_on_the_next_page,
    her_own_unpaid_order_does_not_take_its_pieces_from_the_sums,
    an_expired_session_is_an_empty_bag,
);

/// Keys of the pieces on a page of the bag, in their order.
async fn bag(site: &Site, cookie: &str) -> Vec<String> {
    let page = site.get_with("/es/bolsa", &[("cookie", cookie)]).await.page(200, Es);
    let fields = page.text().split("name=\"piece\" value=\"").skip(1);
    fields.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

async fn pieces_put_in_at_the_same_time_all_stay(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with(&piece(0, 0)).await;
    let others: Vec<String> =
        (1..PIECES).map(|n| piece(0, n)).chain([piece(1, 0), piece(1, 1), piece(2, 0)]).collect();
    let adds = others.iter().map(|piece| {
        let (site, cookie) = (&site, &cookie);
        async move { site.post("/es/bolsa/agregar", cookie, &[("piece", piece)]).await.is(303) }
    });
    futures::future::join_all(adds).await;
    let mut there = bag(&site, &cookie).await;
    assert_eq!(there.first(), Some(&piece(0, 0)), "the oldest comes first");
    there.sort();
    let mut wanted = others.clone();
    wanted.push(piece(0, 0));
    wanted.sort();
    assert_eq!(there, wanted);
    // The same piece from two tabs is in the bag once.
    let twice = (0..4).map(|_| site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-2-1")]));
    futures::future::join_all(twice).await.into_iter().for_each(|answer| drop(answer.is(303)));
    let there = bag(&site, &cookie).await;
    assert_eq!(there.iter().filter(|key| *key == "piece-2-1").count(), 1);
}

async fn two_first_pieces_from_two_tabs_are_in_one_bag(test: TestDb) {
    let site = Site::open(test).await;
    let begin = async |piece: &str| {
        let answer = site.post("/es/bolsa/agregar", "", &[("piece", piece)]).await.is(303);
        let session = answer.cookie("__Host-divinas").unwrap();
        let begun = format!("__Host-divinas.{}", session.split_once('=').unwrap().1);
        let begun = answer.cookie(&begun).expect("a cookie that the next one does not replace");
        (answer.header("location").to_owned(), session, begun)
    };
    // Neither request knew of the other: each began a session, and the last one's cookie stays.
    let (_, first, first_begun) = begin("piece-0-0").await;
    let (there, second, second_begun) = begin("piece-0-1").await;
    let cookies = format!("{first_begun}; {second}; {second_begun}");
    let page = site.get_with(&there, &[("cookie", &cookies)]).await.page(200, Es);
    assert_eq!(page.text().matches("class=\"notice\"").count(), 2, "both are told");
    let mut both = bag(&site, &cookies).await;
    both.sort();
    assert_eq!(both, ["piece-0-0", "piece-0-1"]);
    assert!(bag(&site, &first).await.is_empty(), "the other session is forgotten");
    // A piece that she takes out stays out, and a key of no session adds nothing.
    site.post("/es/bolsa/quitar", &cookies, &[("piece", "piece-0-0")]).await.is(303);
    let unknown = format!("{cookies}; __Host-divinas.AAAAAAAAAAAAAAAAAAAAAA=1");
    assert_eq!(bag(&site, &unknown).await, ["piece-0-1"]);
    // A bag whose order is being paid is not merged.
    let paying = site.bag_with("piece-1-0").await;
    site.post("/es/compra", &paying, &a_good_form()).await.is(303);
    let key = paying.split_once('=').unwrap().1;
    assert_eq!(bag(&site, &format!("{second}; __Host-divinas.{key}=1")).await, ["piece-0-1"]);
    assert_eq!(bag(&site, &paying).await, ["piece-1-0"]);
}

async fn what_is_taken_out_in_one_tab_stays_out_in_the_other(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with(&piece(0, 0)).await;
    for number in 1..PIECES {
        site.post("/es/bolsa/agregar", &cookie, &[("piece", &piece(0, number))]).await.is(303);
    }
    let out = (0..PIECES).map(|n| piece(0, n)).collect::<Vec<_>>();
    let put = (0..PIECES).map(|n| piece(1, n)).collect::<Vec<_>>();
    let (taken, added) = tokio::join!(
        futures::future::join_all(
            out.iter()
                .map(|p| async { site.post("/es/bolsa/quitar", &cookie, &[("piece", p)]).await })
        ),
        futures::future::join_all(
            put.iter()
                .map(|p| async { site.post("/es/bolsa/agregar", &cookie, &[("piece", p)]).await })
        ),
    );
    taken.into_iter().chain(added).for_each(|answer| drop(answer.is(303)));
    let mut there = bag(&site, &cookie).await;
    there.sort();
    assert_eq!(there, put);
}

async fn a_bag_takes_so_many_pieces_however_fast_they_come(test: TestDb) {
    let site = Site::open(test).await;
    let mut tx = site.shop.db.begin().await.unwrap();
    for number in 0..25 {
        tx.query("INSERT INTO piece (id, serial, design_id, state, weight_mg, inspected_on) VALUES ($1, $1, 'design-0', 'retail', 3910, '2026-11-01')")
            .bind(format!("more-{number}")).execute().await.unwrap();
    }
    tx.commit().await.unwrap();
    let cookie = site.bag_with(&piece(0, 0)).await;
    let adds = (0..25).map(|number| {
        let (site, cookie) = (&site, &cookie);
        async move {
            let key = format!("more-{number}");
            site.post("/es/bolsa/agregar", cookie, &[("piece", &key)]).await.is(303)
        }
    });
    futures::future::join_all(adds).await;
    let page = site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.page(200, Es);
    assert!(page.text().contains("La bolsa está llena"));
    assert_eq!(bag(&site, &cookie).await.len(), 20);
}

async fn two_tabs_begin_one_purchase(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with(&piece(0, 0)).await;
    let form = a_good_form();
    // Neither tab has seen the form before: both begin the attempt.
    let sent = (0..6).map(|_| site.post("/es/compra", &cookie, &form));
    let answers = futures::future::join_all(sent).await;
    let test_shop = site.test_shop.as_ref().unwrap();
    assert_eq!(test_shop.provider.books().sessions.len(), 1, "one shopper has one unpaid order");
    for answer in answers {
        let answer = answer.is(303);
        assert!(answer.header("location").starts_with(PAYMENT_PAGE), "{answer:?}");
    }
}

async fn a_browser_that_keeps_no_cookies_is_told_so_once(test: TestDb) {
    let site = Site::open(test).await;
    for (path, language, words) in
        [("/es/bolsa/agregar", Es, "no acepta la cookie"), ("/en/bag/add", En, "does not accept")]
    {
        let added = site.post(path, "", &[("piece", "piece-0-0")]).await.is(303);
        let there = added.header("location").to_owned();
        let told = site.get(&there).await.page(200, language);
        assert!(told.text().contains(words) && told.text().contains("design-0"), "{path}");
        let again = site.get(&there).await.page(200, language);
        assert!(!again.text().contains(words), "whoever opens the address is not told");
        // The bag of a browser that keeps no cookie is not stored.
        let rows = site.shop.db.query("SELECT CAST(COUNT(*) AS BIGINT) FROM bag_piece");
        assert_eq!(rows.fetch_one::<(i64,)>().await.unwrap().0, 0);
    }
    // The cookie came back: she sees the notice, and the address with its key deletes nothing.
    let added = site.post("/es/bolsa/agregar", "", &[("piece", "piece-0-0")]).await.is(303);
    let there = added.header("location").to_owned();
    let cookie = added.cookie("__Host-divinas").unwrap();
    let hers = site.get_with(&there, &[("cookie", &cookie)]).await.page(200, Es);
    assert!(
        hers.text().contains("está en tu bolsa") && !hers.text().contains("no acepta la cookie")
    );
    assert!(!site.get(&there).await.page(200, Es).text().contains("no acepta la cookie"));
    assert_eq!(bag(&site, &cookie).await, ["piece-0-0"]);
    for odd in ["?first=", "?first=%00", "?first=%FF", "?first=x&first=y", "?first='%20OR%201=1"] {
        site.get(&format!("/es/bolsa{odd}")).await.page(200, Es);
    }
}

async fn a_foreign_cookie_does_not_empty_the_bag(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with(&piece(0, 0)).await;
    for foreign in [&b"who=caf\xe9"[..], b"\xff\xfe=\x80", b"=", b";;;", b"a=\"b", b"utm=%FF"] {
        for (before, after) in [(foreign, cookie.as_bytes()), (cookie.as_bytes(), foreign)] {
            let both = [before, b"; language=en; ", after].concat();
            let mut request =
                http::Request::get("/es/bolsa").body(axum::body::Body::empty()).unwrap();
            let value = http::HeaderValue::from_bytes(&both).unwrap();
            request.headers_mut().insert("cookie", value);
            let page = site.send(request).await.page(200, Es);
            assert!(page.text().contains("piece-0-0"), "{:?}", String::from_utf8_lossy(&both));
            let mut door = http::Request::get("/").body(axum::body::Body::empty()).unwrap();
            door.headers_mut().insert("cookie", http::HeaderValue::from_bytes(&both).unwrap());
            assert_eq!(site.send(door).await.is(303).header("location"), "/en");
        }
    }
}

async fn a_notice_is_said_once_and_to_nobody_else(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with(&piece(0, 0)).await;
    let see = async |cookie: &str| {
        site.get_with("/es/bolsa", &[("cookie", cookie)]).await.page(200, Es).text().to_owned()
    };
    // A `HEAD` request or a prefetch takes no notice away from her.
    site.ask("HEAD", "/es/bolsa", &[("cookie", &cookie)], "").await.is(200);
    let ahead = [("cookie", cookie.as_str()), ("sec-purpose", "prefetch;prerender")];
    assert!(site.get_with("/es/bolsa", &ahead).await.text().contains("class=\"notice\""));
    let stranger = site.bag_with(&piece(1, 0)).await;
    see(&stranger).await;
    assert!(see(&cookie).await.contains("class=\"notice\""), "she is told");
    assert!(!see(&cookie).await.contains("class=\"notice\""), "once");
    for old in ["?done=added", "?done=removed", "?done=already"] {
        let page = site.get_with(&format!("/es/bolsa{old}"), &[("cookie", &cookie)]).await;
        assert!(!page.text().contains("class=\"notice\""), "{old}: an address says nothing");
    }
    // Two tabs leave two notices. The first page shows both, and no notice is shown twice.
    for form in [("/es/bolsa/agregar", "piece-0-1"), ("/es/bolsa/quitar", "piece-0-0")] {
        site.post(form.0, &cookie, &[("piece", form.1)]).await.is(303);
    }
    let both = see(&cookie).await;
    assert!(both.contains("está en tu bolsa") && both.contains("Quitamos la pieza"));
    assert!(!see(&cookie).await.contains("class=\"notice\""));
    // A notice that is no longer true is not shown.
    site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-0-2")]).await.is(303);
    site.post("/es/bolsa/quitar", &cookie, &[("piece", "piece-0-2")]).await.is(303);
    assert!(!see(&cookie).await.contains("está en tu bolsa"));
    let added = site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-0-3")]).await.is(303);
    assert_eq!(added.header("location"), "/es/bolsa", "nothing to tell lives in an address");
}

async fn a_refused_piece_is_told_on_the_next_page(test: TestDb) {
    let site = Site::open(test).await;
    let other = site.bag_with("piece-0-0").await;
    site.post("/es/compra", &other, &a_good_form()).await.is(303);
    let cookie = site.bag_with("piece-0-1").await;
    for (piece, words) in [("piece-0-0", "está pagando esta pieza"), ("no-such", "No encontramos")]
    {
        let told = site.post_and_see("/es/bolsa/agregar", &cookie, &[("piece", piece)]).await;
        assert!(told.page(200, Es).text().contains(words), "{piece}");
    }
    let told = site.post_and_see("/es/bolsa/agregar", &cookie, &[("piece", "piece-0-1")]).await;
    assert!(told.text().contains("ya estaba en tu bolsa"));
    assert_eq!(bag(&site, &cookie).await, ["piece-0-1"]);
}

async fn her_own_unpaid_order_does_not_take_its_pieces_from_the_sums(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/en/bag/add", &cookie, &[("piece", "piece-1-0")]).await.is(303);
    let sums = async |cookie: &str| {
        let page = site.get_with("/en/bag", &[("cookie", cookie)]).await.page(200, En);
        let sums = page.text().split("class=\"bag-total\"").nth(1).expect("the sums");
        sums.split("</section>").next().unwrap().to_owned()
    };
    let cookie = format!("{cookie}; currency=usd");
    let before = sums(&cookie).await;
    assert!(before.contains("US$") && before.contains("S/"), "{before}");
    site.post("/en/checkout", &cookie, &a_good_form()).await.is(303);
    assert_eq!(site.test_shop.as_ref().unwrap().piece_state("piece-0-0").await, "checkout");
    assert_eq!(sums(&cookie).await, before);
}

async fn an_expired_session_is_an_empty_bag(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.write("UPDATE session SET expires_at_us = 1").await;
    assert!(bag(&site, &cookie).await.is_empty());
    let home = site.get_with("/es", &[("cookie", &cookie)]).await.page(200, Es);
    assert!(!home.text().contains("Bolsa (1)"));
    let again = site.post("/es/bolsa/agregar", &cookie, &[("piece", "piece-0-1")]).await.is(303);
    let new = again.cookie("__Host-divinas").expect("a session of its own");
    assert_ne!(new, cookie);
    assert_eq!(bag(&site, &new).await, ["piece-0-1"]);
}
