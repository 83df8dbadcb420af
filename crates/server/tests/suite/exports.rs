//! Facts taken out as files: what is in them, who may have them, and that a file cut
//! short is never taken for a whole one.

use crate::harness::campaigns::{Campaign, indicators, plan};
use crate::harness::client::{Reply, read};
use crate::harness::facts::{Fact, assist, new_id, news, question, scam_report, street, void};
use crate::harness::people::User;
use crate::harness::{DONG_DA, NHON_PHU, PROVINCE, QUY_NHON, TestApp, deployment, with_app};
use crate::progress::life;
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use causo::args;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use uuid::Uuid;

/// A line by its headings.
type Line = BTreeMap<String, String>;

fn csv_of(reply: &Reply) -> Vec<Line> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.body.strip_prefix("\u{feff}".as_bytes());
    let mut file = csv::Reader::from_reader(text.expect("a mark that it is UTF-8"));
    file.deserialize().map(|line| line.unwrap()).collect()
}

fn workbook(reply: &Reply) -> Xlsx<Cursor<Vec<u8>>> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    open_workbook_from_rs(Cursor::new(reply.body.clone())).unwrap()
}

/// The workbook's lines, days and times written as in CSV.
fn xlsx_of(reply: &Reply) -> Vec<Line> {
    let sheet = workbook(reply).worksheet_range("Dữ liệu").unwrap();
    let mut rows = sheet.rows();
    let heads: Vec<String> = rows.next().unwrap().iter().map(Data::to_string).collect();
    let said = |head: &str, cell: &Data| match cell {
        Data::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            let day = format!("{year:04}-{month:02}-{day:02}");
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            match head {
                "Ngày" | "Hẹn lại ngày" => day,
                "Giờ" => time,
                _ => format!("{day} {time}"),
            }
        }
        other => {
            assert!(!matches!(other, Data::Error(_)), "{other}");
            other.to_string()
        }
    };
    rows.map(|row| {
        let cells = heads.iter().zip(row);
        cells
            .map(|(head, cell)| (head.clone(), said(head, cell)))
            .collect()
    })
    .collect()
}

fn ids(lines: &[Line]) -> BTreeSet<String> {
    lines.iter().map(|line| line["Mã lượt"].clone()).collect()
}

/// What officers get as the number of facts when they add the column up.
fn added_up(lines: &[Line]) -> usize {
    lines
        .iter()
        .map(|line| line["Đếm lượt"].parse::<usize>().unwrap())
        .sum()
}

fn export(by: &User, campaign: Campaign, rest: &str) -> Reply {
    by.get(&campaign.path(&format!("export.{rest}")))
}

#[test]
fn a_file_holds_the_facts_behind_every_number() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let teams = life(app, campaign);
        for place in [PROVINCE, DONG_DA] {
            for code in ["payment", "households", "dossiers", "active_rate", "visits"] {
                let question = format!("indicator={code}&place={place}");
                let (facts, total) = campaign.facts(&province, &question);
                let lines = csv_of(&export(&province, campaign, &format!("csv?{question}")));
                let listed: BTreeSet<String> = facts
                    .iter()
                    .map(|fact| fact["id"].as_str().unwrap().to_owned())
                    .collect();
                assert_eq!(ids(&lines), listed, "{question}");
                assert_eq!(i64::try_from(added_up(&lines)).unwrap(), total);
                let size = province.get(&campaign.path(&format!("export?{question}")));
                assert_eq!(size.ok()["facts"], total);
            }
        }
        let all = csv_of(&export(&province, campaign, "csv"));
        let standing = app.count(
            "select count(*) from fact f where f.kind <> 'void.v1' and not exists (select 1 from superseded s where s.fact_id = f.id)",
        );
        assert_eq!(ids(&all).len(), usize::try_from(standing).unwrap());
        assert_eq!(added_up(&all), ids(&all).len());
        let dated: Vec<_> = all
            .iter()
            .map(|line| (&line["Mã địa bàn"], &line["Ngày"]))
            .collect();
        assert!(dated.is_sorted(), "place by place, day by day");
        let parts = [DONG_DA, NHON_PHU].map(|place| {
            let part = export(&province, campaign, &format!("csv?place={place}"));
            ids(&csv_of(&part))
        });
        assert_eq!(&parts[0] | &parts[1], ids(&all));
        let by_team = teams.into_iter().map(|team| {
            let part = export(&province, campaign, &format!("csv?team={team}"));
            ids(&csv_of(&part)).len()
        });
        assert_eq!(by_team.sum::<usize>(), ids(&all).len());
        let early = csv_of(&export(&province, campaign, "csv?on=2024-06-30"));
        assert!(early.len() > 5 && early.iter().all(|line| &*line["Ngày"] <= "2024-06-30"));
        let size = province.get(&campaign.path("export")).ok();
        assert!(size["facts"].as_i64().unwrap() >= standing);
    });
}

#[test]
fn a_line_says_in_words_what_was_done_where_and_by_whom() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let team = app.team(NHON_PHU, "Tổ CNSCĐ Nhơn Phú");
        let user = app.volunteer(NHON_PHU);
        let first = assist(NHON_PHU)
            .items(&[
                ("payment_account", "opened"),
                ("vneid_l2", "police_appointment"),
            ])
            .with("/body/items/1/follow_up_on", "2024-10-20")
            .person("cccd:052191000001")
            .team(team);
        let mended = assist(NHON_PHU)
            .dossier(Some("H08.12-240512-0001"), "online")
            .at("2024-10-13T08:05:09+07:00")
            .corrects(&first);
        let kept = assist(NHON_PHU).at("2024-10-13T08:06:00+07:00");
        let gone = assist(NHON_PHU);
        let posted = news(NHON_PHU, "https://example.vn/1").at("2024-10-12T23:59:59+07:00");
        let lined = street(NHON_PHU, "Đường Trần Phú", "operating");
        user.counts(&[first.clone(), gone.clone(), posted.clone(), lined.clone()]);
        let lines = csv_of(&export(&province, campaign, "csv"));
        let of = |lines: &[Line], fact: &Fact| -> Vec<Line> {
            let own = lines.iter().filter(|line| line["Mã lượt"] == fact.id());
            own.cloned().collect()
        };
        let line = |pairs: &[(&str, &str)]| -> Line {
            let mut line: Line = lines[0]
                .keys()
                .map(|k| (k.clone(), String::new()))
                .collect();
            let common = [
                ("Ngày", "2024-10-13"),
                ("Giờ", "08:00:00"),
                ("Máy chủ nhận lúc", "2024-10-13 09:00:00"),
                ("Tỉnh, thành phố", "Tỉnh Bình Định"),
                ("Huyện, quận", "Thành phố Quy Nhơn"),
                ("Xã, phường", "Phường Nhơn Phú"),
                ("Mã địa bàn", "21553"),
                ("Người ghi", "Nguyễn Thị Ánh"),
                ("Loại", "Lượt hỗ trợ"),
                ("Đếm lượt", "1"),
                ("Đã sửa", "Không"),
            ];
            for (name, value) in common.iter().chain(pairs) {
                line.insert((*name).to_owned(), (*value).to_owned());
            }
            line
        };
        let about_first = [
            ("Mã lượt", first.id()),
            ("Tổ, đội", "Tổ CNSCĐ Nhơn Phú"),
            ("Nơi hỗ trợ", "Tại nhà dân"),
            ("Đối tượng", "Người dân"),
            ("Độ tuổi", "18–59"),
            ("Có định danh", "Có"),
        ];
        let opened = [
            ("Dịch vụ", "Mở tài khoản thanh toán điện tử"),
            ("Kết quả", "Đã mở"),
        ];
        let sent = [
            ("Dịch vụ", "Tài khoản định danh điện tử VNeID mức 2"),
            ("Kết quả", "Hẹn công an"),
            ("Hẹn lại ngày", "2024-10-20"),
            ("Đếm lượt", "0"),
        ];
        let wanted = [
            line(&[&about_first[..], &opened].concat()),
            line(&[&about_first[..], &sent].concat()),
        ];
        assert_eq!(of(&lines, &first), wanted);
        let wanted = line(&[
            ("Mã lượt", posted.id()),
            ("Ngày", "2024-10-12"),
            ("Giờ", "23:59:59"),
            ("Loại", "Tin, bài"),
            ("Tên bài, tên tuyến", "Ra quân"),
            ("Liên kết", "https://example.vn/1"),
            ("Kênh nộp, kênh đăng", "Facebook"),
        ]);
        assert_eq!(of(&lines, &posted), [wanted]);
        let wanted = line(&[
            ("Mã lượt", lined.id()),
            ("Loại", "Tuyến đường không tiền mặt"),
            ("Kết quả", "Đang hoạt động"),
            ("Tên bài, tên tuyến", "Đường Trần Phú"),
            ("Hộ kinh doanh", "12"),
        ]);
        assert_eq!(of(&lines, &lined), [wanted]);

        user.counts(&[mended.clone(), void(&gone), kept.clone()]);
        let reply = export(&province, campaign, "csv");
        let lines = csv_of(&reply);
        assert_eq!(of(&lines, &first), [], "it was corrected");
        assert_eq!(of(&lines, &gone), [], "it was taken back");
        let now = &of(&lines, &mended)[0];
        let shown = [
            "Đã sửa",
            "Dịch vụ",
            "Kênh nộp, kênh đăng",
            "Giờ",
            "Có định danh",
        ]
        .map(|name| &*now[name]);
        let wanted = [
            "Có",
            "Nộp hồ sơ thủ tục hành chính",
            "Trực tuyến",
            "08:05:09",
            "Không",
        ];
        assert_eq!(shown, wanted);
        assert_eq!(of(&lines, &kept).len(), 1);
        // Neither the dossier's number nor any pseudonym: no 32 hexadecimal digits in a row.
        let text = reply.text();
        assert!(!text.contains("240512"));
        let is_hex = |c: char| c.is_ascii_hexdigit();
        let longest = text.split(|c| !is_hex(c)).map(str::len).max();
        assert!(longest < Some(32), "{longest:?}");

        let mut printed = xlsx_of(&export(&province, campaign, "xlsx"));
        let mut lines = lines;
        let in_order = |a: &Line, b: &Line| {
            let key = |line: &Line| (line["Mã lượt"].clone(), line["Dịch vụ"].clone());
            key(a).cmp(&key(b))
        };
        printed.sort_by(in_order);
        lines.sort_by(in_order);
        assert_eq!(printed, lines);
    });
}

#[test]
fn a_workbook_says_what_it_is_and_has_a_name_for_every_program() {
    with_app(|app| {
        let (province, leader) = (app.province(), app.leader(NHON_PHU));
        let campaign = province.campaign();
        leader.counts(&[assist(NHON_PHU), assist(NHON_PHU)]);
        let asked = format!("xlsx?indicator=payment&place={NHON_PHU}&on=2024-10-13");
        let reply = export(&leader, campaign, &asked);
        assert_eq!(
            reply.header("content-disposition"),
            Some(
                "attachment; filename=\"luot-ho-tro-phuong-nhon-phu-2024-10-13.xlsx\"; filename*=UTF-8''L%C6%B0%E1%BB%A3t%20h%E1%BB%97%20tr%E1%BB%A3%20%E2%80%93%20Ph%C6%B0%E1%BB%9Dng%20Nh%C6%A1n%20Ph%C3%BA%20%E2%80%93%202024-10-13.xlsx"
            )
        );
        assert_eq!(reply.header("cache-control"), Some("no-store"));
        let about = workbook(&reply).worksheet_range("Thông tin").unwrap();
        let said: BTreeMap<String, String> = about
            .rows()
            .map(|row| (row[0].to_string(), row[1].to_string()))
            .collect();
        let shown = [
            "Chiến dịch",
            "Địa bàn",
            "Tổ, đội",
            "Chỉ tiêu",
            "Người tải",
            "Số lượt",
            "Số dòng",
        ]
        .map(|name| &*said[name]);
        let campaign_name = "Tuổi trẻ tiên phong chuyển đổi số";
        let wanted = [
            campaign_name,
            "Phường Nhơn Phú",
            "Tất cả",
            "payment",
            "Nguyễn Thị Ánh",
            "2",
            "2",
        ];
        assert_eq!(shown, wanted);
    });
}

#[test]
fn no_cell_runs_in_a_spreadsheet_and_every_letter_survives() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let user = app.volunteer(NHON_PHU);
        let harmful = ["=HYPERLINK(\"http://x\")", "+84", "-1+1", "@SUM(A1)"];
        let long = "Đường Nguyễn Huệ; \"chợ\", ngã ba".repeat(9);
        let mut sent: Vec<Fact> = (0..)
            .zip(harmful)
            .map(|(n, title)| {
                news(NHON_PHU, &format!("https://example.vn/{n}")).with("/body/title", title)
            })
            .collect();
        let marked = "Chợ <Lớn> & \"Đầm\" ]]> &amp; 👍";
        for (n, title) in [(8, marked), (9, &*long)] {
            sent.push(
                news(NHON_PHU, &format!("https://example.vn/{n}")).with("/body/title", title),
            );
        }
        user.counts(&sent);
        app.team(NHON_PHU, "=cmd");
        let team = app.team(NHON_PHU, "=1+1");
        let crowd: Vec<Fact> = (0..400)
            .map(|n| street(NHON_PHU, &format!("{long} {n}"), "closed").team(team))
            .collect();
        user.counts(&crowd);
        let lines = csv_of(&export(&province, campaign, "csv"));
        assert_eq!(lines.len(), 406);
        let titles: BTreeSet<&str> = lines
            .iter()
            .map(|line| &*line["Tên bài, tên tuyến"])
            .collect();
        for title in harmful {
            assert!(titles.contains(&*format!("'{title}")), "{title}");
        }
        for n in 0..400 {
            assert!(titles.contains(&*format!("{long} {n}")));
        }
        for cell in lines.iter().flat_map(BTreeMap::values) {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell}"
            );
        }
        // A workbook says itself what is text.
        let printed = xlsx_of(&export(&province, campaign, "xlsx"));
        let titles: BTreeSet<&str> = printed
            .iter()
            .map(|line| &*line["Tên bài, tên tuyến"])
            .collect();
        assert!(harmful.iter().all(|title| titles.contains(title)));
        assert!(titles.contains(marked) && titles.contains(&*long));
        assert!(printed.iter().any(|line| line["Tổ, đội"] == "=1+1"));
        let mut formulas = workbook(&export(&province, campaign, "xlsx"));
        assert!(formulas.worksheet_formula("Dữ liệu").unwrap().is_empty());
    });
}

#[test]
fn who_may_have_which_file() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let (user, leader) = (app.volunteer(NHON_PHU), app.leader(NHON_PHU));
        let officer = app.officer(NHON_PHU);
        for form in ["csv", "xlsx"] {
            let ask = |by: &User, rest: &str| export(by, campaign, &format!("{form}?{rest}"));
            let here = format!("place={NHON_PHU}");
            let number = format!("{here}&indicator=payment");
            ask(&user, &number).refused(403, "auth.forbidden");
            assert_eq!(ask(&leader, &number).status, 200);
            ask(&leader, &here).refused(404, "not_found");
            assert_eq!(ask(&officer, &here).status, 200);
            for place in [PROVINCE, QUY_NHON, DONG_DA, "63-00004", "VN", "no-such"] {
                for by in [&leader, &officer] {
                    ask(by, &format!("place={place}")).refused(404, "not_found");
                    let number = format!("place={place}&indicator=payment");
                    ask(by, &number).refused(404, "not_found");
                }
            }
            ask(&officer, "").refused(404, "not_found");
            ask(&officer, &format!("{here}&indicator=no-such")).refused(404, "not_found");
            // In the member's scope, but not the campaign's.
            ask(&app.admin(), "place=63-00004").refused(404, "not_found");
            let none = Campaign(Uuid::from_u128(1));
            export(&officer, none, &format!("{form}?{here}")).refused(404, "not_found");
        }
        user.get(&campaign.path("export"))
            .refused(403, "auth.forbidden");
        officer
            .get(&campaign.path("export"))
            .refused(404, "not_found");
        assert_eq!(app.count("select count(*) from file_taken"), 4);
    });
}

/// The five tables of before migration 13.
const LOGS_APART: &str = "
    create table access_log as select id, at, member_id, person_id as subject_id from contact_look where person_id is not null;
    create table question_look as select id, at, member_id, question_id from contact_look where question_id is not null;
    create table scam_look as select id, at, member_id, scam_report_id as report_id from contact_look where scam_report_id is not null;
    create table export_log as select id, at, member_id, format, campaign_id, place_id, team_id, indicator, last_day, facts, lines
      from file_taken where what = 'facts';
    create table rating_export as select id, at, member_id, format, place_id, first_day, last_day, lines from file_taken where what = 'ratings';
    drop table contact_look;
    drop table file_taken;";

#[test]
fn what_was_noted_before_there_was_one_log_is_in_it() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        assert_eq!(export(&province, campaign, "csv").status, 200);
        let days = format!("place={PROVINCE}&from=2024-10-01&to=2024-10-13");
        let ratings = province.get(&format!("/api/v1/ratings/export.csv?{days}"));
        assert_eq!(ratings.status, 200);
        let volunteer = app.volunteer(NHON_PHU);
        volunteer.counts(&[
            question(NHON_PHU, "AAAAABBBBB", "Làm khai sinh cho cháu ở đâu?"),
            scam_report(NHON_PHU, "other"),
        ]);
        let by = province.id;
        app.write(move |tx| {
            for (of, from) in [("person_id", "member"), ("question_id", "question"), ("scam_report_id", "scam_report")] {
                let look = format!(
                    "insert into contact_look (id, at, member_id, {of}) select $2, m.created_at, m.id, x.id from member m, {from} x where m.id = $1 limit 1"
                );
                tx.execute(&look, args![by, new_id()])?;
            }
            Ok(())
        })
        .expect("it writes");
        let noted = || {
            [
                "select count(*) from contact_look where person_id is not null",
                "select count(*) from contact_look where question_id is not null",
                "select count(*) from contact_look where scam_report_id is not null",
                "select count(*) from file_taken where what = 'facts' and lines is not null",
                "select count(*) from file_taken where what = 'ratings' and first_day is not null",
            ]
            .map(|sql| app.count(sql))
        };
        assert_eq!(noted(), [1; 5]);
        app.write(|tx| {
            tx.script(LOGS_APART)?;
            let back = if tx.is_sqlite() {
                "pragma user_version = 12"
            } else {
                "comment on schema public is '12'"
            };
            Ok(tx.script(back)?)
        })
        .expect("it writes");
        drop(deployment(&app.database));
        assert_eq!(noted(), [1; 5]);
    });
}

#[test]
fn every_export_is_written_down() {
    with_app(|app| {
        let province = app.province();
        let campaign = province.campaign();
        let two =
            assist(NHON_PHU).items(&[("payment_account", "opened"), ("vneid_l1", "registered")]);
        app.volunteer(QUY_NHON).counts(&[two, assist(DONG_DA)]);
        let leader = app.leader(NHON_PHU);
        let number = format!("xlsx?indicator=payment&place={NHON_PHU}&on=2024-10-13");
        assert_eq!(export(&leader, campaign, &number).status, 200);
        assert_eq!(export(&province, campaign, "csv").status, 200);
        let leader_id = leader.id;
        let noted = app.write(move |tx| {
            Ok(tx.all(
                "select member_id, format, place_id, indicator, facts, lines from file_taken order by format",
                args![],
                |row| {
                    Ok((
                        row.get::<Uuid>(0)? == leader_id,
                        row.get::<String>(1)?,
                        row.get::<String>(2)?,
                        row.get::<Option<String>>(3)?,
                        row.get::<i64>(4)?,
                        row.get::<i64>(5)?,
                    ))
                },
            )?)
        });
        let payment = Some("payment".to_owned());
        let wanted = [
            (false, "csv".to_owned(), PROVINCE.to_owned(), None, 2, 3),
            (true, "xlsx".to_owned(), NHON_PHU.to_owned(), payment, 1, 2),
        ];
        assert_eq!(noted.unwrap(), wanted);
    });
}

/// A campaign that counts none of a flood of facts, each with as many services as fit:
/// far more than lies between two sockets.
fn flood(app: &TestApp, province: &User) -> Campaign {
    let news: Vec<_> = indicators()
        .into_iter()
        .filter(|one| one["code"] == "news")
        .collect();
    let made = province
        .post("/api/v1/campaigns", &plan(PROVINCE, &news))
        .ok();
    let one = assist(NHON_PHU).items(&[("vneid_l2", "police_appointment"); 12]);
    province.counts(std::slice::from_ref(&one));
    let id: Uuid = one.id().parse().unwrap();
    let poured = app.write(move |tx| {
        let (numbers, new_id) = if tx.is_sqlite() {
            ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 4000)", "randomblob(16)")
        } else {
            ("with n(i) as (select generate_series(1, 4000))", "gen_random_uuid()")
        };
        Ok(tx.execute(
            &format!(
                "{numbers} insert into fact (id, kind, happened_at, day, received_at, place_id, team_id, actor_id, device_id, seq, body)
                   select {new_id}, kind, happened_at, day, received_at, place_id, team_id, actor_id, device_id, seq, body
                     from fact, n where fact.id = $1"
            ),
            args![id],
        )?)
    });
    assert_eq!(poured.unwrap(), 4000);
    Campaign(made["id"].as_str().unwrap().parse().unwrap())
}

#[test]
fn two_run_at_a_time_and_who_hangs_up_makes_room() {
    with_app(|app| {
        let province = app.province();
        let campaign = flood(app, &province);
        let path = campaign.path("export.csv");
        let idle = [0; 2].map(|_| province.open("GET", &path, None).unwrap());
        // Both are taken when their first bytes are there.
        for stream in &idle {
            stream.peek(&mut [0]).unwrap();
        }
        let refusal = province.get(&path);
        refusal.refused(503, "export.busy");
        assert_eq!(refusal.header("retry-after"), Some("30"));
        // Those who read a little are served all the same.
        assert_eq!(province.get(&campaign.path("progress")).status, 200);
        let whole = read(idle.into_iter().next().unwrap()).unwrap();
        assert_eq!(csv_of(&whole).len(), 4001 * 12);
        let begun = std::time::Instant::now();
        let patience = std::time::Duration::from_secs(20);
        while app.app.exports.available_permits() < 2 {
            assert!(begun.elapsed() < patience, "both are free again");
            assert_eq!(app.get("/healthz").status, 200);
        }
        assert_eq!(province.get(&path).status, 200);
        assert_eq!(
            app.count("select count(*) from file_taken where facts is null"),
            1
        );
    });
}

#[test]
fn a_file_cut_short_does_not_end_like_a_whole_one() {
    with_app(|app| {
        let province = app.province();
        let campaign = flood(app, &province);
        let spoil = |body: &'static str| {
            app.write(move |tx| {
                let last = "select max(rev) from fact";
                let sql = format!("update fact set body = $1 where rev = ({last})");
                Ok(tx.execute(&sql, args![body])?)
            })
            .unwrap()
        };
        let whole = r#"{"beneficiary":{"kind":"person"},"setting":"door","items":[{"service":"vneid_l2","outcome":"guided"}]}"#;
        spoil(r#"{"no": "body"}"#);
        let gzip = province.with_header("accept-encoding", "gzip");
        for by in [&*province, &gzip] {
            for form in ["export.csv", "export.xlsx"] {
                by.try_send("GET", &campaign.path(form), None)
                    .expect_err("the connection breaks");
            }
        }
        assert_eq!(
            app.count("select count(*) from file_taken where facts is not null"),
            0
        );
        spoil(whole);
        let packed = gzip.get(&campaign.path("export.csv"));
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        let book = gzip.get(&campaign.path("export.xlsx"));
        assert_eq!(book.header("content-encoding"), None);
        assert_eq!(
            book.header("content-length"),
            None,
            "not known when it began"
        );
        assert_eq!(workbook(&book).sheet_names().len(), 2);
    });
}
