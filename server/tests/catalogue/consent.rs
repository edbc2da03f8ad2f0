//! A name, a story and a portrait are shown only under their own current consent.

use app::backend::shop::ShopBackend as _;
use domain::language::Language;

use super::house::House;
use crate::support::TestDb;

const WITHDRAW: &str = "UPDATE member_consent SET withdrawn_at_us = given_at_us + 1
    WHERE withdrawn_at_us IS NULL AND subject = $1 AND member_id = (SELECT id FROM member WHERE slug = $2)";

async fn whoever_did_not_consent_is_nowhere(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::Es);
    let makers = house.shop.catalogue.makers(&visit).await.unwrap();
    assert_eq!(makers.len(), 19);
    assert!(
        makers
            .iter()
            .all(|maker| !maker.slug.starts_with("benita") && !maker.slug.starts_with("rufina"))
    );
    assert!(house.shop.catalogue.maker(&visit, "benita-a").await.unwrap().is_none());
    let cuff = house.design("ola-bracelet").await;
    assert_eq!(cuff.pieces[0].makers.len(), 2, "Benita's forging is there without her name");
    let unnamed = cuff.provenances[0]
        .workshop
        .steps
        .clone()
        .into_iter()
        .filter(|(name, _)| name.is_none())
        .count();
    assert_eq!(unnamed, 1);
    assert_eq!(cuff.money.unwrap().maker_count, 3, "she is paid like the others");
    let gladys = house.shop.catalogue.maker(&visit, "gladys-r").await.unwrap().unwrap();
    assert_eq!((gladys.card.quote, gladys.story.len(), gladys.card.portrait), (None, 0, None));
}

async fn a_withdrawn_name_is_gone_with_the_next_answer(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::En);
    let before = house.design("batea-ring").await;
    assert!(before.makers.iter().any(|maker| maker.slug == "rosaura-m"));
    let listed = house.list(&Default::default()).await;
    assert!(listed.makers.iter().any(|facet| facet.value.slug == "rosaura-m"));

    assert_eq!(house.write(WITHDRAW, &["name", "rosaura-m"]).await, 1);

    let after = format!("{:?}", house.design("batea-ring").await);
    assert!(!after.contains("osaura"), "{after}");
    let bag =
        house.shop.catalogue.read_bag(&visit, &[before.pieces[0].id.clone()], None).await.unwrap();
    let others = [
        format!("{:?}", house.list(&Default::default()).await),
        format!("{:?}", house.shop.catalogue.home(&visit).await.unwrap()),
        format!("{:?}", house.shop.catalogue.makers(&visit).await.unwrap()),
        format!("{:?}", house.shop.catalogue.feed_entries(Language::En, visit.now).await.unwrap()),
        format!("{:?}", house.shop.catalogue.sitemap_makers(visit.now).await.unwrap()),
        format!("{bag:?}"),
    ];
    for page in others {
        assert!(!page.contains("osaura"), "{page}");
    }
    assert!(house.shop.catalogue.maker(&visit, "rosaura-m").await.unwrap().is_none());
}

async fn a_withdrawn_story_leaves_the_name(test: TestDb) {
    let house = House::open(test).await;
    let visit = house.visit(Language::En);
    assert_eq!(house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap().unwrap().story.len(), 2);
    assert_eq!(house.write(WITHDRAW, &["story", "yeny-t"]).await, 1);
    let maker = house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap().unwrap();
    assert_eq!(
        (maker.card.name.as_str(), maker.card.quote, maker.story.len()),
        ("Yeny T.", None, 0)
    );
    house
        .write(
            "UPDATE member SET portrait_hash = (SELECT MIN(hash) FROM photo) WHERE slug = $1",
            &["yeny-t"],
        )
        .await;
    let maker = house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap().unwrap();
    assert!(maker.card.portrait.is_some());
    house.write(WITHDRAW, &["portrait", "yeny-t"]).await;
    let maker = house.shop.catalogue.maker(&visit, "yeny-t").await.unwrap().unwrap();
    assert_eq!(maker.card.portrait, None);
}

on_both_engines!(
    whoever_did_not_consent_is_nowhere,
    a_withdrawn_name_is_gone_with_the_next_answer,
    a_withdrawn_story_leaves_the_name,
);
