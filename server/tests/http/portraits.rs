//! A portrait is visible only while the woman consents.

use app::routes::Route;
use domain::language::Language;
use image::{DynamicImage, RgbImage};
use server::kernel::media::{Limits, Photos, open_store};
use server::people::portrait::{self, PortraitError};
use store::maker;

use super::site::{Setting, Site};
use crate::catalogue::house::House;
use crate::support::TestDb;

on_both_engines!(a_portrait_is_gone_as_soon_as_consent_is_withdrawn);

fn picture() -> Vec<u8> {
    let picture = DynamicImage::from(RgbImage::from_pixel(300, 300, image::Rgb([120, 80, 40])));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn a_portrait_is_gone_as_soon_as_consent_is_withdrawn(test: TestDb) {
    let house = House::open(test).await;
    let site = Site::of(house.shop.clone(), Setting::default());
    let store = open_store(&site.photos.display().to_string()).unwrap();
    let photos = Photos::new(store, Limits::default()).unwrap();
    let maker = maker::all(&site.shop.db).await.unwrap().into_iter().find(|m| m.named).unwrap();
    let none = portrait::set(&site.shop.db, &photos, "nobody", picture().into()).await;
    assert!(matches!(none, Err(PortraitError::NoSuchMember(_))));
    let photo = portrait::set(&site.shop.db, &photos, &maker.slug, picture().into()).await.unwrap();
    let mut tx = site.shop.db.begin().await.unwrap();
    tx.query("DELETE FROM member_consent WHERE member_id = $1 AND subject = 'portrait'")
        .bind_text(&maker.id)
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let file = format!("/people/{}/240.jpg", photo.hash);
    let page = Route::Maker { slug: maker.slug.clone() }.path(Language::Es);

    // Before she consents nobody sees it, and the page shows her pattern.
    site.get(&file).await.is(410);
    assert!(!site.get(&page).await.is(200).text().contains(&file));

    let mut tx = site.shop.db.begin().await.unwrap();
    tx.query("INSERT INTO member_consent (id, member_id, subject, purpose, given_at_us) VALUES ('portrait', $1, 'portrait', 'site', 1)")
        .bind_text(&maker.id)
        .execute()
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let seen = site.get(&file).await.is(200);
    assert_eq!(seen.header("content-type"), "image/jpeg");
    assert_eq!(seen.header("cache-control"), "private, no-cache");
    assert!(site.get(&page).await.is(200).text().contains(&file));
    let etag = seen.header("etag").to_owned();
    site.get_with(&file, &[("if-none-match", &etag)]).await.is(304);
    // The portrait has no other address: the address for photos of pieces does not serve it.
    site.get(&file.replace("/people/", "/photos/")).await.is(404);

    site.write("UPDATE member_consent SET withdrawn_at_us = 2 WHERE id = 'portrait'").await;
    let gone = site.get_with(&file, &[("if-none-match", &etag)]).await.is(410);
    assert_eq!(gone.header("cache-control"), "no-store");
    assert!(!site.get(&page).await.is(200).text().contains(&file));

    for none in
        ["/people/0123456789abcdef/240.jpg", "/people/x/240.jpg", "/people/..%2fsecret/1.jpg"]
    {
        site.get(none).await.is(404);
    }
}
