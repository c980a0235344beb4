//! A paper's pages as bytes: text that can be searched and copied, a part of the font, and the tree of tags by which it is
//! read aloud. Nothing in it comes from a clock or from chance.

use super::font::{Face, NAME, Part};
use super::layout::{HEIGHT, Line, Page, Piece, Role, WIDTH};
use super::{NotWritten, Paper};
use domain::day::Moment;
use domain::ids::Digest;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{
    ArtifactType, CidFontType, FontFlags, StructRole, SystemInfo, TabOrder, UnicodeCmap,
};
use pdf_writer::writers::StructTreeRoot;
use pdf_writer::{Chunk, Content, Date, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use std::collections::BTreeMap;
use std::io::Write as _;

/// Rules run from here to as far from the other edge.
const RULE_FROM: i16 = 50;
const FONT: Name<'static> = Name(b"F");
const IDENTITY: SystemInfo<'static> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The numbers of a file's objects.
struct Numbers {
    next: Ref,
    catalog: Ref,
    info: Ref,
    tree: Ref,
    tags: Ref,
    document: Ref,
    font: Ref,
    /// Of each page: itself, what is on it, whose tags are on it.
    pages: Vec<[Ref; 3]>,
    /// Of each part: its tag.
    parts: BTreeMap<usize, (Ref, Role)>,
}

impl Numbers {
    fn of(pages: &[Page]) -> Numbers {
        let mut next = Ref::new(1);
        let [catalog, info, tree, tags, document, font] = std::array::from_fn(|_| next.bump());
        let numbers = pages.iter().map(|_| std::array::from_fn(|_| next.bump())).collect();
        let mut parts = BTreeMap::new();
        for piece in pages.iter().flat_map(|it| &it.pieces) {
            parts.entry(piece.part).or_insert_with(|| (next.bump(), piece.role));
        }
        Numbers { next, catalog, info, tree, tags, document, font, pages: numbers, parts }
    }
}

/// The file.
pub(super) fn written(face: &Face, paper: &Paper, pages: &[Page]) -> Result<Vec<u8>, NotWritten> {
    let mut numbers = Numbers::of(pages);
    let all = pages.iter().flat_map(|it| it.pieces.iter().flat_map(|it| &it.lines).chain(&it.foot));
    let part = Part::with(all.flat_map(|it| it.glyphs.iter().copied()));
    let mut body = Chunk::new();
    for (page, at) in pages.iter().zip(&numbers.pages) {
        write_page(&mut body, &numbers, page, *at, &part);
    }
    write_tags(&mut body, &numbers, pages, paper);
    write_font(&mut body, &mut numbers, face, &part)?;
    let mut pdf = Pdf::new();
    write_catalog(&mut pdf, &numbers, paper);
    pdf.extend(&body);
    let digest = Digest::of(&[body.as_bytes(), paper.title.as_bytes()]).0[..16].to_vec();
    pdf.set_file_id((digest.clone(), digest));
    Ok(pdf.finish())
}

fn write_catalog(pdf: &mut Pdf, numbers: &Numbers, paper: &Paper) {
    let language = if paper.english { "en" } else { "zh-CN" };
    let mut catalog = pdf.catalog(numbers.catalog);
    catalog.pages(numbers.tree).lang(TextStr(language));
    catalog.pair(Name(b"StructTreeRoot"), numbers.tags);
    catalog.mark_info().marked(true);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    let mut info = pdf.document_info(numbers.info);
    info.title(TextStr(&paper.title)).producer(TextStr("Gongji"));
    info.creation_date(date(paper.made));
    info.finish();
    let count = i32::try_from(numbers.pages.len()).unwrap_or(i32::MAX);
    pdf.pages(numbers.tree).kids(numbers.pages.iter().map(|[it, ..]| *it)).count(count);
}

/// A moment in China Standard Time.
fn date(at: Moment) -> Date {
    let (day, text) = (at.day(), at.to_string());
    let part = |from: usize| text.get(from..from + 2).and_then(|it| it.parse().ok()).unwrap_or(0);
    let month = u8::try_from(day.month()).unwrap_or(1);
    let date = Date::new(u16::try_from(day.year()).unwrap_or(0)).month(month);
    let date = date.day(u8::try_from(day.day_of_month()).unwrap_or(1));
    date.hour(part(11)).minute(part(14)).second(part(17)).utc_offset_hour(8).utc_offset_minute(0)
}

fn write_page(body: &mut Chunk, numbers: &Numbers, page: &Page, at: [Ref; 3], part: &Part) {
    let [no, content_no, tags_no] = at;
    let index = numbers.pages.iter().position(|it| it[0] == no).unwrap_or(0);
    let mut written = body.page(no);
    written.media_box(Rect::new(0.0, 0.0, f32::from(WIDTH), f32::from(HEIGHT)));
    written.parent(numbers.tree).contents(content_no);
    written.struct_parents(i32::try_from(index).unwrap_or(0)).tab_order(TabOrder::StructureOrder);
    written.resources().fonts().pair(FONT, numbers.font);
    written.finish();
    let packed = packed(&content(page, part));
    body.stream(content_no, &packed).filter(Filter::FlateDecode);
    let tags = page.pieces.iter().filter_map(|it| numbers.parts.get(&it.part)).map(|(it, _)| *it);
    body.indirect(tags_no).array().items(tags);
}

/// What is on a page: rules and the number of the page are no part of what is read.
fn content(page: &Page, part: &Part) -> Vec<u8> {
    let mut content = Content::new();
    for (mark, piece) in page.pieces.iter().enumerate() {
        let mark = i32::try_from(mark).unwrap_or(i32::MAX);
        content.begin_marked_content_with_properties(name_of(piece)).properties().identify(mark);
        piece.lines.iter().for_each(|it| show(&mut content, it, part));
        content.end_marked_content();
    }
    content
        .begin_marked_content_with_properties(Name(b"Artifact"))
        .properties()
        .artifact()
        .kind(ArtifactType::Layout);
    content.set_stroke_gray(0.5).set_line_width(0.5);
    for y in &page.rules {
        content.move_to(f32::from(RULE_FROM), f32::from(*y));
        content.line_to(f32::from(WIDTH - RULE_FROM), f32::from(*y)).stroke();
    }
    content.end_marked_content();
    if let Some(foot) = &page.foot {
        let kind = ArtifactType::Pagination;
        content.begin_marked_content_with_properties(Name(b"Artifact")).properties().artifact().kind(kind);
        show(&mut content, foot, part);
        content.end_marked_content();
    }
    content.finish().into_vec()
}

fn role(role: Role) -> StructRole {
    match role {
        Role::Title => StructRole::H1,
        Role::Heading => StructRole::H2,
        Role::Paragraph => StructRole::P,
    }
}

fn name_of(piece: &Piece) -> Name<'static> {
    role(piece.role).to_name()
}

fn show(content: &mut Content, line: &Line, part: &Part) {
    let letters: Vec<u8> = line.glyphs.iter().flat_map(|it| part.id(*it).to_be_bytes()).collect();
    content.begin_text().set_font(FONT, f32::from(line.size));
    content.next_line(f32::from(line.x), f32::from(line.y)).show(Str(&letters)).end_text();
}

/// The tree of tags: the document, and each part of it with where it stands on which pages.
fn write_tags(body: &mut Chunk, numbers: &Numbers, pages: &[Page], paper: &Paper) {
    let mut root: StructTreeRoot<'_> = body.indirect(numbers.tags).start();
    root.child(numbers.document);
    root.parent_tree_next_key(i32::try_from(pages.len()).unwrap_or(i32::MAX));
    let mut by_page = root.parent_tree();
    let mut tags_of = by_page.nums();
    for (index, [.., tags]) in numbers.pages.iter().enumerate() {
        tags_of.insert(i32::try_from(index).unwrap_or(i32::MAX), *tags);
    }
    tags_of.finish();
    by_page.finish();
    root.finish();
    let mut document = body.struct_element(numbers.document);
    document.kind(StructRole::Document).parent(numbers.tags).title(TextStr(&paper.title));
    let mut children = document.children();
    for (tag, _) in numbers.parts.values() {
        children.struct_element(*tag);
    }
    children.finish();
    document.finish();
    for (part, (tag, kind)) in &numbers.parts {
        let mut element = body.struct_element(*tag);
        element.kind(role(*kind)).parent(numbers.document);
        let mut children = element.children();
        for (page, [no, ..]) in pages.iter().zip(&numbers.pages) {
            for (mark, _) in page.pieces.iter().enumerate().filter(|(_, it)| it.part == *part) {
                let mark = i32::try_from(mark).unwrap_or(i32::MAX);
                children.marked_content_ref().page(*no).marked_content_id(mark);
            }
        }
    }
}

/// The part of the font, with what its characters are in Unicode: what is printed can be searched, copied and read aloud.
fn write_font(body: &mut Chunk, numbers: &mut Numbers, face: &Face, part: &Part) -> Result<(), NotWritten> {
    let [letters, about, outlines, unicode] = std::array::from_fn(|_| numbers.next.bump());
    let embedded = part.outlines()?;
    let name = format!("{}+{NAME}", tag(&embedded));
    let whole = format!("{name}-Identity-H");
    body.type0_font(numbers.font)
        .base_font(Name(whole.as_bytes()))
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(letters)
        .to_unicode(unicode);
    let mut written = body.cid_font(letters);
    written.subtype(CidFontType::Type0).base_font(Name(name.as_bytes())).system_info(IDENTITY);
    written.font_descriptor(about).default_width(1000.0);
    let mut widths = written.widths();
    for (id, glyph) in part.glyphs() {
        widths.same(id, id, f32::from(glyph.width));
    }
    widths.finish();
    written.finish();
    let [ascent, descent, capitals] = face.heights().map(f32::from);
    let [left, low, right, high] = face.bounds().map(f32::from);
    body.font_descriptor(about)
        .name(Name(name.as_bytes()))
        .flags(FontFlags::SYMBOLIC)
        .bbox(Rect::new(left, low, right, high))
        .italic_angle(0.0)
        .ascent(ascent)
        .descent(descent)
        .cap_height(capitals)
        .stem_v(90.0)
        .font_file3(outlines);
    let packed_outlines = packed(&embedded);
    let mut file = body.stream(outlines, &packed_outlines);
    file.filter(Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    file.finish();
    let mut map = UnicodeCmap::new(Name(b"Gongji"), IDENTITY);
    part.glyphs().for_each(|(id, glyph)| map.pair(id, glyph.letter));
    let packed_map = packed(map.finish().as_slice());
    body.cmap(unicode, &packed_map).filter(Filter::FlateDecode);
    Ok(())
}

/// Six letters that tell this part of the font from others.
fn tag(outlines: &[u8]) -> String {
    Digest::of(&[outlines]).0[..6].iter().map(|it| char::from(b'A' + it % 26)).collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("a Vec grows");
    encoder.finish().expect("a Vec grows")
}
