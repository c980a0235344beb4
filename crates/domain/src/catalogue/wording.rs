//! How a generic name is put together: ingredient, salt and form, as the general notes of the editions use the words.

/// Word endings of western generic names and the concrete form they stand for in the general notes, no. 8;
/// an empty form means that the notes do not say which form it is, and a name that ends so is not taken apart.
#[rustfmt::skip]
const ENDINGS: [(&str, &str); 51] = [
    ("片", "片"), ("分散片", "分散片"), ("肠溶片", "肠溶片"), ("薄膜衣片", "薄膜衣片"), ("糖衣片", "糖衣片"),
    ("缓释片", "缓释片"), ("控释片", "控释片"), ("咀嚼片", "咀嚼片"), ("泡腾片", "泡腾片"),
    ("口腔崩解片", "口腔崩解片"), ("口崩片", "口腔崩解片"), ("肠溶缓释片", "肠溶缓释片"), ("舌下片", ""), ("含片", ""),
    ("胶囊", "硬胶囊"), ("软胶囊", "软胶囊(胶丸)"), ("肠溶胶囊", "肠溶胶囊"), ("缓释胶囊", "缓释胶囊"),
    ("控释胶囊", "控释胶囊"), ("肠溶软胶囊", ""), ("肠溶缓释胶囊", "肠溶缓释胶囊"),
    ("颗粒", "颗粒剂"), ("肠溶颗粒", "肠溶颗粒剂"), ("缓释颗粒", ""), ("泡腾颗粒", ""), ("干混悬剂", "干混悬剂"),
    ("口服溶液", "口服溶液剂"), ("口服液", "口服液"), ("糖浆", "糖浆剂(含干糖浆剂)"), ("滴眼液", "滴眼液"),
    ("滴耳液", "滴耳液"), ("滴鼻液", "滴鼻液"), ("滴丸", "滴丸"), ("眼膏", "眼膏剂"), ("软膏", "软膏剂"),
    ("乳膏", "乳膏剂"), ("阴道用乳膏", ""), ("阴道乳膏", ""), ("栓", "栓剂"), ("阴道栓", "阴道栓"), ("膨胀栓", ""),
    ("阴道片", "阴道片"), ("阴道泡腾片", "阴道泡腾片"), ("阴道胶囊", "阴道胶囊"), ("阴道软胶囊", "阴道软胶囊"),
    // National codes give these two the form number E009 of 阴道软胶囊.
    ("阴道用软胶囊", "阴道软胶囊"), ("阴道胶丸", "阴道软胶囊"),
    ("阴道泡腾胶囊", ""), ("注射液", "注射液"), ("注射用浓溶液", "注射用浓溶液"), ("注射用混悬液", "注射用混悬液"),
];

/// What a powder for injection begins with, and its form.
const POWDER: (&str, &str) = ("注射用", "注射用无菌粉末");

/// What a drug for children begins with; the salt stands after it.
const CHILDREN: &str = "小儿";

/// Acid radicals before an ingredient and bases after it: the general notes, no. 7, say that neither counts.
const ACIDS: [&str; 9] = ["盐酸", "硫酸", "硝酸", "枸橼酸", "磷酸", "甲磺酸", "马来酸", "醋酸", "乳酸"];
const BASES: [&str; 2] = ["钠", "氨丁三醇"];

/// Kinds of pill that a Chinese patent medicine called 丸 includes: the general notes, no. 9. 滴丸 is not among them.
const PILLS: [&str; 8] = ["水丸", "蜜丸", "大蜜丸", "小蜜丸", "水蜜丸", "糊丸", "浓缩丸", "微丸"];

/// The name as it is compared: one way to write Roman numerals, no joining marks.
pub(crate) fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for it in name.chars() {
        match it {
            'Ⅰ' => key.push('I'),
            'Ⅱ' => key.push_str("II"),
            'Ⅲ' => key.push_str("III"),
            'Ⅳ' => key.push_str("IV"),
            'Ⅴ' => key.push('V'),
            'Ⅵ' => key.push_str("VI"),
            'Ⅶ' => key.push_str("VII"),
            '-' | '/' | '～' | ' ' => {}
            _ => key.push(it),
        }
    }
    key
}

/// A printed name without the note that explains it: `脂肪乳(C14-24)[指大豆油]`.
pub(crate) fn without_note(printed: &str) -> &str {
    printed.split("[指").next().unwrap_or(printed)
}

/// The name before a bracket at the end, and what the bracket holds.
pub(crate) fn bracketed(name: &str) -> Option<(&str, &str)> {
    let (head, inside) = name.strip_suffix(')')?.split_once('(')?;
    (!head.is_empty() && !inside.contains(['(', ')'])).then_some((head, inside))
}

/// Whether the bracket only says which kind of pill it is.
pub(crate) fn is_pill_kind(head: &str, inside: &str) -> bool {
    head.ends_with('丸') && PILLS.contains(&inside)
}

/// A western generic name as ingredient and concrete form; `None` where the form cannot be told.
/// A bracket at the end belongs to the ingredient: `复方氨基酸注射液(18AA)` is `复方氨基酸(18AA)`, `注射液`.
pub(crate) fn ingredient_and_form(name: &str) -> Option<(String, &'static str)> {
    if let Some(rest) = name.strip_prefix(POWDER.0) {
        return Some((rest.to_owned(), POWDER.1));
    }
    let head = bracketed(name).map_or(name, |(head, _)| head);
    let fitting = ENDINGS.iter().filter(|(ending, _)| head.ends_with(ending));
    let (ending, form) = fitting.max_by_key(|(ending, _)| ending.len())?;
    let ingredient = head.strip_suffix(ending)?;
    let bracket = &name[head.len()..];
    (!form.is_empty() && !ingredient.is_empty()).then(|| (format!("{ingredient}{bracket}"), *form))
}

/// The ingredient without its acid radical or without its base: none, one or two readings.
pub(crate) fn without_salt(ingredient: &str) -> Vec<String> {
    let (children, rest) = match ingredient.strip_prefix(CHILDREN) {
        Some(rest) => (CHILDREN, rest),
        None => ("", ingredient),
    };
    let acids = ACIDS.iter().filter_map(|acid| rest.strip_prefix(acid));
    let bases = BASES.iter().filter_map(|base| rest.strip_suffix(base));
    acids.chain(bases).map(|it| format!("{children}{it}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R-J1: if this fails, a code finds the row of another form, and with it perhaps another class.
    #[test]
    #[rustfmt::skip]
    fn a_generic_name_is_taken_apart() {
        let cases = [
            ("阿莫西林颗粒", Some(("阿莫西林", "颗粒剂"))),
            ("注射用奥扎格雷钠", Some(("奥扎格雷钠", "注射用无菌粉末"))),
            ("复方氨基酸注射液(18AA-Ⅶ)", Some(("复方氨基酸(18AA-Ⅶ)", "注射液"))),
            ("硝酸咪康唑阴道软胶囊", Some(("硝酸咪康唑", "阴道软胶囊"))),
            ("甲硝唑阴道泡腾片", Some(("甲硝唑", "阴道泡腾片"))),
            ("盐酸阿扑吗啡舌下片", None),
            ("克霉唑阴道膨胀栓", None),
            ("水合氯醛灌肠剂", None),
            ("片", None),
        ];
        for (name, expected) in cases {
            let found = ingredient_and_form(name);
            assert_eq!(found.as_ref().map(|(it, form)| (it.as_str(), *form)), expected, "{name}");
        }
    }

    /// R-J2: if this fails, a salt is taken for another drug, or a drug for its salt.
    #[test]
    fn only_a_salt_at_its_place_is_left_out() {
        let cases: [(&str, &[&str]); 6] = [
            ("盐酸利托君", &["利托君"]),
            ("奥扎格雷钠", &["奥扎格雷"]),
            ("小儿盐酸异丙嗪", &["小儿异丙嗪"]),
            ("复方醋酸氯己定", &[]),
            ("克林霉素磷酸酯", &[]),
            ("地屈孕酮", &[]),
        ];
        for (ingredient, expected) in cases {
            assert_eq!(without_salt(ingredient), expected, "{ingredient}");
        }
    }

    /// R-J1: if this fails, 18AA and 18AA-Ⅰ are taken for one drug, or one drug written two ways for two.
    #[test]
    fn names_are_compared_without_their_marks() {
        assert_eq!(key("小儿复方氨基酸(18AA-Ⅰ)"), key("小儿复方氨基酸(18AA-I)"));
        assert_eq!(key("氯喹那多-普罗雌烯"), key("氯喹那多/普罗雌烯"));
        assert_ne!(key("复方氨基酸(18AA)"), key("复方氨基酸(18AA-Ⅰ)"));
        assert_ne!(key("复方氨基酸(18AA-Ⅰ)"), key("复方氨基酸(18AA-Ⅱ)"));
        assert_eq!(without_note("脂肪乳(C14-24)[指大豆油]"), "脂肪乳(C14-24)");
        assert_eq!(bracketed("小儿退热合剂(小儿退热口服液)"), Some(("小儿退热合剂", "小儿退热口服液")));
        assert_eq!(bracketed("(口服液)"), None);
        assert!(is_pill_kind("金锁固精丸", "浓缩丸") && !is_pill_kind("金锁固精丸", "滴丸"));
    }
}
