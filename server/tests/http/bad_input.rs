//! Addresses, filters and forms that no well-behaved browser sends.

use domain::language::Language::{En, Es};

use super::site::{OURS, Site, encoded};
use crate::support::TestDb;

/// A valid purchase form.
pub(super) fn a_good_form() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Ana Quispe"),
        ("email", "ana@example.com"),
        ("phone", "987654321"),
        ("country", "PE"),
        ("department", "LIM"),
        ("region", ""),
        ("city", "Miraflores"),
        ("street", "Av. Larco 123"),
        ("postal_code", "15074"),
        ("delivery", "courier"),
        ("currency", "PEN"),
        ("gift_message", ""),
        ("shown", ""),
        ("action", "pay"),
    ]
}

/// Texts that have a special meaning in HTML, SQL, a header, a path or a log.
const HOSTILE: [&str; 8] = [
    "\"><script>alert(1)</script><img src=x onerror=alert(2)>",
    "</textarea></title><svg/onload=alert(3)>",
    "'; DROP TABLE design; --' OR '1'='1",
    "{{7*7}} ${7*7} %s%n &lt;b&gt; <!-- --> ]]>",
    "\u{202e}gnp.exe\u{200b}\u{feff} Z\u{335}\u{321}\u{322}a\u{336}l\u{337}g\u{338}o \u{1f76f}\u{10ffff}",
    "\0\u{1}\u{7}\u{1b}[31m\r\nSet-Cookie: evil=1\r\n",
    "../../../../etc/passwd",
    "e\u{301}\u{fdfd}\u{0130}\u{1e9e}\u{df}",
];

const FIELDS: [&str; 13] = [
    "name",
    "email",
    "phone",
    "country",
    "department",
    "region",
    "city",
    "street",
    "postal_code",
    "delivery",
    "currency",
    "gift_message",
    "shown",
];

/// The value of a field of a page, as a browser would show it.
pub(super) fn field(page: &str, name: &str) -> String {
    let start = page.find(&format!("id=\"{name}\"")).unwrap_or_else(|| panic!("no field {name}"));
    let rest = &page[start..];
    let (tag, after) = rest.split_once('>').unwrap();
    let text = match tag.split_once(" value=\"") {
        Some((_, value)) => value.split('"').next().unwrap(),
        None => after.split("</textarea>").next().unwrap(),
    };
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'");
    text.replace("&amp;", "&")
}

fn assert_harmless(page: &str, what: &str) {
    for markup in [
        "<script>alert",
        "<img src=x",
        "<svg/onload",
        "</textarea></title>",
        "]]>",
        "<b>",
        "onerror=alert(2)>",
    ] {
        assert!(!page.contains(markup), "{what}: {markup}");
    }
}

async fn whatever_is_typed_is_kept_and_is_only_text(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    for text in HOSTILE {
        for action in ["pay", "update"] {
            let mut form: Vec<(&str, &str)> = FIELDS.iter().map(|name| (*name, text)).collect();
            form.push(("action", action));
            for (path, language) in [("/es/compra", Es), ("/en/checkout", En)] {
                let page = site.post_and_see(path, &cookie, &form).await.page(200, language);
                assert_harmless(page.text(), text);
                assert_eq!(page.text().contains("aria-invalid"), action == "pay", "{action}");
                assert!(
                    page.headers
                        .get("set-cookie")
                        .is_none_or(|c| !c.to_str().unwrap().contains("evil"))
                );
                if !text.contains('\0') {
                    for name in
                        ["name", "email", "phone", "city", "street", "postal_code", "gift_message"]
                    {
                        assert_eq!(field(page.text(), name), text, "{name}");
                    }
                }
            }
        }
    }
    let long = "ñ".repeat(5_000);
    let form: Vec<(&str, &str)> =
        FIELDS.iter().map(|name| (*name, long.as_str())).chain([("action", "pay")]).collect();
    site.post("/es/compra", &cookie, &form).await.page(413, Es);
    let shorter = "ñ".repeat(700);
    let form: Vec<(&str, &str)> =
        FIELDS.iter().map(|name| (*name, shorter.as_str())).chain([("action", "pay")]).collect();
    let page = site.post_and_see("/es/compra", &cookie, &form).await.page(200, Es);
    assert!(page.bytes.len() < 200_000, "{}", page.bytes.len());
    let (orders,): (i64,) = site
        .shop
        .db
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM shop_order")
        .fetch_one()
        .await
        .unwrap();
    assert_eq!(orders, 0);
}

async fn one_hostile_field_at_a_time(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-1").await;
    for text in HOSTILE {
        for name in FIELDS {
            let form: Vec<(&str, &str)> = a_good_form()
                .into_iter()
                .map(|(n, v)| (n, if n == name { text } else { v }))
                .collect();
            let answer = site.post("/es/compra", &cookie, &form).await.is(303);
            match answer.header("location") {
                "/es/compra" => {
                    let page = site.follow(answer, &cookie).await.page(200, Es);
                    assert_harmless(page.text(), text);
                    let refused = ["aria-invalid", "delivery-error", "data-trouble"];
                    assert!(refused.iter().any(|why| page.text().contains(why)), "{name}={text:?}");
                }
                _ => {
                    // A street may have this name: then the order's page shows it as text.
                    let (secret,): (String,) = site
                        .shop
                        .db
                        .query("SELECT secret FROM shop_order ORDER BY number DESC LIMIT 1")
                        .fetch_one()
                        .await
                        .unwrap();
                    let path = format!("/es/pedido/{secret}");
                    let order = site.get_with(&path, &[("cookie", &cookie)]).await.page(200, Es);
                    assert_harmless(order.text(), text);
                    site.post(&format!("{path}/cancelar"), &cookie, &[]).await.is(303);
                    site.get_with(&path, &[("cookie", &cookie)]).await.page(200, Es);
                }
            }
        }
    }
}

async fn forms_that_are_no_forms(test: TestDb) {
    let site = Site::open(test).await;
    let cookie = site.bag_with("piece-0-0").await;
    let form = "application/x-www-form-urlencoded";
    let send = async |path: &str, kind: &str, body: &str| {
        site.ask(
            "POST",
            path,
            &[("origin", OURS), ("cookie", &cookie), ("content-type", kind)],
            body.to_owned(),
        )
        .await
    };
    // Without any values the form comes back, as when the button was pressed on an empty one.
    for (path, body, language) in [
        ("/es/compra", "action=pay", Es),
        ("/es/compra", "", Es),
        ("/en/checkout", "unknown=1&action=update&%FF=%FE&&&=", En),
        ("/es/compra", "action=%00&action2=keep", Es),
        ("/es/compra", "name=%ff%fe%00&action=pay", Es),
    ] {
        let page = site.follow(send(path, form, body).await, &cookie).await.page(200, language);
        assert_eq!(page.text().contains("error-summary"), body.ends_with("action=pay"), "{body}");
    }
    for (path, kind, body, language) in [
        ("/en/checkout", form, "name=a&name=b&action=pay", En),
        ("/es/compra", "application/json", "{\"action\":\"pay\"}", Es),
        ("/en/checkout", "multipart/form-data; boundary=x", "--x--", En),
        ("/en/bag/add", form, "", En),
        ("/es/bolsa/agregar", form, "piece=a&piece=b", Es),
        ("/es/moneda", "text/plain", "currency=usd", Es),
    ] {
        let answer = send(path, kind, body).await.is(303);
        site.follow(answer, &cookie).await.page(422, language);
    }
    // Without a session the form cannot be kept.
    for (path, body, status, language) in [
        ("/es/compra", "action=pay", 422, Es),
        ("/en/checkout", "action=pay&name=Ana", 422, En),
        ("/es/compra", "", 200, Es),
    ] {
        let answer = site.post_raw(path, "", body).await.page(status, language);
        assert!(answer.headers.get("set-cookie").is_none(), "{body}");
    }
    for piece in [
        "",
        "no-such",
        "%00",
        "piece-0-0%00",
        "'; DROP TABLE piece; --",
        "\u{1f76f}",
        &"x".repeat(10_000),
    ] {
        let body = encoded(&[("piece", piece)]);
        let refused = send("/es/bolsa/agregar", form, &body).await;
        let bag = site.follow(refused, &cookie).await.page(200, Es);
        assert!(bag.text().contains("notice-bad") && bag.text().contains("No encontramos"));
        site.post_raw("/es/bolsa/agregar", "", &body).await.page(409, Es);
        send("/es/bolsa/quitar", form, &body).await.is(303);
    }
    site.post_raw("/es/bolsa/agregar", &cookie, "piece=%00").await.is(303);
    let bag = site
        .get_with("/es/bolsa?done=added&done=x&done=%FF", &[("cookie", &cookie)])
        .await
        .page(200, Es);
    assert!(bag.text().contains("piece-0-0"), "the bag is as it was");
    for (path, language) in [("/es/compra", Es), ("/en/bag/add", En), ("/es/pedido/x/cancelar", Es)]
    {
        site.post_raw(path, &cookie, &"x".repeat(10 << 20)).await.page(413, language);
    }
}

async fn addresses_that_lead_nowhere(test: TestDb) {
    let site = Site::open(test).await;
    for (path, language) in [
        ("/es/no-such", Es),
        ("/en/no-such", En),
        ("/es/piezas/no-such", Es),
        ("/en/pieces/design-0%00", En),
        ("/en/pieces/%00", En),
        ("/es/pedido/%00", Es),
        ("/es/socias/%00", Es),
        ("/en/makers/'%20OR%201=1--", En),
        ("/es/piezas/DESIGN-0", Es),
        ("/es/piezas/..%2f..%2fetc%2fpasswd", Es),
        ("/es/../en", Es),
        ("/ES/nada", Es),
        ("//evil.example/%2f..", Es),
        ("/.env", Es),
        ("/.git/config", Es),
        ("/pkg/../Cargo.toml", Es),
        ("/en/%F0%9F%9D%AF", En),
    ] {
        let page = site.get(path).await.page(404, language);
        assert!(!page.text().contains("evil.example"), "{path}");
    }
    for (path, language) in
        [("/es/piezas/%FF", Es), ("/en/pieces/%C3%28", En), ("/es/pedido/%FF", Es)]
    {
        site.get(path).await.page(400, language);
    }
    let long = format!("/en/pieces/{}", "a".repeat(20_000));
    site.get(&long).await.page(404, En);
    let english = [("accept-language", "en")];
    site.get_with("/nowhere", &english).await.page(404, En);
    // The store holds more than photographs, but only names of photographs are served.
    for path in [
        "/photos/../secret.txt",
        "/photos/..%2fsecret.txt/480.jpg",
        "/photos/%2e%2e/secret.txt",
        "/photos/0123456789abcdef/480.jpg%00.txt",
        "/photos/0123456789abcdef/0480.jpg",
        "/photos/0123456789ABCDEF/480.jpg",
        "/photos/0123456789abcdef/481.jpg",
        "/photos/%FF/480.jpg",
    ] {
        let answer = site.get(path).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(!answer.bytes.windows(6).any(|w| w == b"secret"), "{path}");
    }
    for (path, method, allow) in [
        ("/es/bolsa/agregar", "GET", "POST"),
        ("/en/bag", "POST", "GET,HEAD"),
        ("/es/compra", "DELETE", "GET,HEAD,POST"),
    ] {
        let answer = site.ask(method, path, &[("origin", OURS)], "").await;
        let answer = answer.page(405, if path.starts_with("/en") { En } else { Es });
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

async fn filters_that_mean_nothing(test: TestDb) {
    let site = Site::open(test).await;
    for query in [
        "page=0",
        "page=-1",
        "page=999999999",
        "page=99999999999999999999999999",
        "page=1e9",
        "page=%00",
        "page=",
        "min=-1",
        "min=99999999999999999999",
        "min=NaN&max=inf",
        "min=1.999&max=0",
        "min=9999999&max=1",
        "size=-5&size=1000000",
        "type=no-such&type=%3Cscript%3E",
        "metal=gold",
        "metal=gold-99999999999",
        "metal=-",
        "maker=%00",
        "maker='%20OR%201=1",
        "sort=price%3BDROP",
        "available=yes",
        "q=%00",
        "q=%FF%FE",
        "q=%22%27*%28%29%3A%5E%2B-",
        "q=AND+OR+NOT+NEAR",
        "q=%22",
        "q=%25_%5C",
        "q=%3Cscript%3Ealert%281%29%3C/script%3E",
        "q=a%00b",
        "%%%",
        "&&&===",
        "q",
        "q=%F0%9F%9D%AF",
    ] {
        for (path, language) in [("/es/piezas", Es), ("/en/pieces", En)] {
            let page = site.get(&format!("{path}?{query}")).await.page(200, language);
            assert_harmless(page.text(), query);
            assert!(!page.text().contains("<script>"), "{query}");
        }
    }
    let long = format!("/es/piezas?q={}", "a+".repeat(15_000));
    let page = site.get(&long).await.page(200, Es);
    assert!(page.bytes.len() < 100_000, "{}", page.bytes.len());
    let many: String = (30..1_000).map(|n| format!("&size={n}&maker=m{n}")).collect();
    site.get(&format!("/es/piezas?{many}")).await.page(200, Es);
}

on_both_engines!(
    whatever_is_typed_is_kept_and_is_only_text,
    one_hostile_field_at_a_time,
    forms_that_are_no_forms,
    addresses_that_lead_nowhere,
    filters_that_mean_nothing,
);
