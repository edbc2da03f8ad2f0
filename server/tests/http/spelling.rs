//! Other spellings of addresses, and `HEAD`.

use domain::language::Language::{En, Es};

use super::site::{PHOTO, Site};
use crate::support::TestDb;

on_both_engines!(another_spelling_leads_to_the_page, head_answers_as_get_on_every_page);

async fn another_spelling_leads_to_the_page(test: TestDb) {
    let site = Site::open(test).await;
    for (spelled, page) in [
        ("/es/", "/es"),
        ("/en//", "/en"),
        ("/es/piezas/", "/es/piezas"),
        ("/es/piezas/?type=ring&page=2", "/es/piezas?type=ring&page=2"),
        ("/es/piezas/design-0/", "/es/piezas/design-0"),
        ("/en//pieces", "/en/pieces"),
        ("//en/pieces", "/en/pieces"),
        ("/ES", "/es"),
        ("/En/Pieces/design-0", "/en/pieces/design-0"),
        ("/es/bolsa/", "/es/bolsa"),
        ("/es/compra/?", "/es/compra?"),
        ("/es/pedido/AbC/", "/es/pedido/AbC"),
        ("/es/novedades.atom/", "/es/novedades.atom"),
    ] {
        for method in ["GET", "HEAD"] {
            let answer = site.ask(method, spelled, &[], "").await.is(308);
            assert_eq!(answer.header("location"), page, "{method} {spelled}");
        }
        site.get(page.trim_end_matches('?')).await;
    }
    for nowhere in
        ["/es/nada/", "/nada/", "//evil.example/", "/es/bolsa/agregar/", "/es/piezas/a/b/"]
    {
        site.get(nowhere).await.page(404, Es);
    }
    site.get("/en/nothing//").await.page(404, En);
}

async fn head_answers_as_get_on_every_page(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    site.post("/es/compra", &cookie, &super::bad_input::a_good_form()).await.is(303);
    // A notice that is shown once makes two answers differ.
    site.get_with("/es/bolsa", &[("cookie", &cookie)]).await.is(200);
    let (secret,): (String,) =
        site.shop.db.query("SELECT secret FROM shop_order").fetch_one().await.unwrap();
    let mut paths: Vec<String> = [
        "/",
        "/es",
        "/en",
        "/es/piezas",
        "/en/pieces?type=ring",
        "/es/piezas/design-0",
        "/es/piezas/no-such",
        "/en/makers",
        "/es/socias/nobody",
        "/es/origen",
        "/en/your-money",
        "/es/nosotras",
        "/es/envios-y-devoluciones",
        "/en/ring-sizes",
        "/es/privacidad",
        "/en/contact",
        "/es/libro-de-reclamaciones",
        "/es/bolsa",
        "/en/bag",
        "/es/compra",
        "/en/checkout",
        "/es/pedido/no-such",
        "/es/novedades.atom",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-1.xml",
        "/sitemap-9.xml",
        "/healthz",
        "/readyz",
        PHOTO,
        "/patterns/rosa.svg",
        "/photos/x/y.jpg",
        "/es/bolsa/agregar",
        "/no-such",
        "/es/%FF",
        "/webhooks/stripe",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("/es/pedido/{secret}"));
    for path in &paths {
        for encoding in ["", "gzip", "br"] {
            for cookie in ["", &cookie] {
                let headers = [("accept-encoding", encoding), ("cookie", cookie)];
                let get = site.get_with(path, &headers).await;
                let head = site.ask("HEAD", path, &headers, "").await;
                assert_eq!(head.status, get.status, "{path}");
                assert!(head.bytes.is_empty(), "{path}");
                for (name, value) in &get.headers {
                    let own = matches!(name.as_str(), "x-request-id" | "set-cookie");
                    assert!(
                        own || head.headers.get(name) == Some(value),
                        "{path} {encoding}: {name}"
                    );
                }
                if let Some(length) = head.headers.get("content-length") {
                    let length: usize = length.to_str().unwrap().parse().unwrap();
                    assert_eq!(length, get.bytes.len(), "{path} {encoding}");
                }
            }
        }
    }
}
