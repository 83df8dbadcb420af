//! Names of invented people and streets.

use fastrand::Rng;

const FAMILY: &[&str] = &[
    "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Võ", "Võ", "Huỳnh", "Phan",
    "Đặng", "Đỗ", "Bùi", "Hồ", "Ngô", "Dương", "Đinh", "Trương", "Lý", "Mai", "Cao", "Tô",
];
const MIDDLE_F: &[&str] = &[
    "Thị",
    "Thị Kim",
    "Thị Mỹ",
    "Ngọc",
    "Thu",
    "Thanh",
    "Bích",
    "Hoài",
    "Thị Thúy",
    "Khánh",
];
const MIDDLE_M: &[&str] = &[
    "Văn", "Đức", "Minh", "Quốc", "Hữu", "Thanh", "Công", "Đình", "Xuân", "Hoàng",
];
const GIVEN_F: &[&str] = &[
    "An",
    "Anh",
    "Chi",
    "Diễm",
    "Dung",
    "Giang",
    "Hà",
    "Hằng",
    "Hạnh",
    "Hiền",
    "Hoa",
    "Hương",
    "Lan",
    "Linh",
    "Loan",
    "Mai",
    "My",
    "Nga",
    "Ngân",
    "Nhi",
    "Nhung",
    "Oanh",
    "Phượng",
    "Quỳnh",
    "Tâm",
    "Thảo",
    "Thủy",
    "Trang",
    "Trinh",
    "Vy",
    "Yến",
];
const GIVEN_M: &[&str] = &[
    "Anh", "Bảo", "Bình", "Chiến", "Cường", "Dũng", "Duy", "Đạt", "Hải", "Hậu", "Hiếu", "Hòa",
    "Hùng", "Huy", "Khang", "Khoa", "Kiên", "Lâm", "Long", "Lực", "Nam", "Nghĩa", "Phúc", "Quân",
    "Quang", "Sơn", "Tài", "Thắng", "Thịnh", "Tiến", "Tuấn", "Vinh",
];
const STREETS: &[&str] = &[
    "Nguyễn Huệ",
    "Trần Hưng Đạo",
    "Lê Hồng Phong",
    "Quang Trung",
    "Nguyễn Trung Trực",
    "Bùi Thị Xuân",
    "Võ Văn Dũng",
    "Trần Phú",
    "Lê Lợi",
    "Phan Bội Châu",
    "Ngô Mây",
    "Hai Bà Trưng",
];

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

/// A full name, family name first.
pub fn person(rng: &mut Rng) -> String {
    let (middle, given) = if rng.bool() {
        (MIDDLE_F, GIVEN_F)
    } else {
        (MIDDLE_M, GIVEN_M)
    };
    format!(
        "{} {} {}",
        pick(rng, FAMILY),
        pick(rng, middle),
        pick(rng, given)
    )
}

/// A street's name.
pub fn street(rng: &mut Rng) -> String {
    format!("Đường {}", pick(rng, STREETS))
}
