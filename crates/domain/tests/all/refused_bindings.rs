//! What people read where a binding is refused.

use crate::explanations::seen;
use crate::world::World;
use domain::texts::Viewer;
use domain::words::{Relation, Sex};

/// R-B1, story 4: if this fails, who is told that a relative is not allowed does not learn who is, nor by what document.
#[test]
fn a_relation_that_is_not_allowed_says_who_is() {
    let mut world = World::at("2025-06-16 10:00");
    world.employee("李明", "1966-01-08", Sex::Male, "320100", "0.00", "0.00");
    world.employee("孙德海", "1940-06-10", Sex::Male, "320100", "1800.00", "200.00");
    let decided = world.bind("孙德海", "李明", Relation::ChildSpouse);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("孙德海"))), @r"
    没有绑定｜没有扣钱
    ✗ RELATION_NOT_ALLOWED R-B1 本地规定不包括子女的配偶
        使用人是授权人的子女的配偶。南京市现在允许的亲属里没有这种关系。
        → 南京市允许的亲属：配偶、父母、子女、兄弟姐妹、（外）祖父母、（外）孙子女（2024年12月9日起；中新网 2024-12-26（国办发〔2024〕38号扩至近亲属, 民法典第一千零四十五条））。
    [本地规定不包括这种关系]
    |没有绑定
    |* 南京市的规定不包括子女的配偶。
    |* 南京市允许的亲属：配偶、父母、
    |子女、兄弟姐妹、（外）祖父母、
    |（外）孙子女（2024年12月9日起；
    |中新网 2024-12-26（国办发〔2024
    |〕38号扩至近亲属, 民法典第一千零
    |四十五条））。
    |查询号 7K2M-9QXD4
    ");
}

/// K1, R-B1, R-B4, story 11: an answer names all failed conditions, not the first.
#[test]
fn a_refusal_names_all_failed_conditions() {
    let mut world = World::at("2024-06-01 10:00");
    world.employee("孔祥军", "1979-01-05", Sex::Male, "370100", "700.00", "300.00");
    world.resident("孔小蕊", "2010-08-28", Sex::Female, "370100");
    world.employee("孔秋兰", "1951-09-14", Sex::Female, "370100", "1000.00", "0.00");
    world.bound("孔祥军", "孔小蕊", Relation::Child, "2024-01-15 09:00");
    let decided = world.bind("孔秋兰", "孔小蕊", Relation::Grandchild);
    assert_eq!(decided.codes(), ["ALREADY_HAS_GIVER", "RELATION_NOT_ALLOWED"]);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("孔秋兰"))), @r"
    没有绑定｜没有扣钱
    ✗ ALREADY_HAS_GIVER R-B4 孔*蕊已有授权人，本地最多 1 位
        济南市规定，一个人最多由 1 位家人授权。孔*蕊已经达到。
    ✗ RELATION_NOT_ALLOWED R-B1 本地规定不包括（外）孙子女
        使用人是授权人的（外）孙子女。济南市现在允许的亲属里没有这种关系。
        → 济南市允许的亲属：配偶、父母、子女、配偶的父母（2021年1月1日起；济南日报 2021-01-01）。
    [使用人已有授权人]
    |没有绑定
    |* 孔*蕊已有授权人，济南市最
    |多 1 位。
    |* 济南市的规定不包括（外）孙子
    |女。
    |* 济南市允许的亲属：配偶、父母、
    |子女、配偶的父母（2021年1月1日
    |起；济南日报 2021-01-01）。
    |查询号 7K2M-9QXD4
    ");
    world.later("2025-06-16 10:00");
    let decided = world.bind("孔秋兰", "孔小蕊", Relation::Grandchild);
    insta::assert_snapshot!(seen(&world, &decided, Viewer::Citizen(world.no("孔秋兰"))), @r"
    没有绑定｜没有扣钱
    ✗ ALREADY_HAS_GIVER R-B4 孔*蕊已有授权人，本地最多 1 位
        济南市规定，一个人最多由 1 位家人授权。孔*蕊已经达到。
        → 先解除孔*军给孔*蕊的授权，再来办。
    [使用人已有授权人]
    |没有绑定
    |* 孔*蕊已有授权人，济南市最
    |多 1 位。
    |* 先解除孔*军给孔*蕊的授权，再来
    |办。
    |查询号 7K2M-9QXD4
    ");
}
