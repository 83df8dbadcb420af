//! Levels, kinds of unit and the manner in which one became another.

use crate::text::{fold, normalise};

/// How deep in the tree a unit sits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The root.
    Country,
    /// Tỉnh or centrally run city.
    Province,
    /// Only in the tree before 01/07/2025.
    District,
    /// Xã, phường, thị trấn, đặc khu.
    Commune,
}

/// What a unit is called by law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The country.
    QuocGia,
    /// Tỉnh.
    Tinh,
    /// Thành phố trực thuộc trung ương.
    ThanhPho,
    /// Quận.
    Quan,
    /// Huyện.
    Huyen,
    /// Thị xã.
    ThiXa,
    /// Thành phố thuộc tỉnh (or, as Thủ Đức was, thuộc thành phố).
    ThanhPhoThuocTinh,
    /// Xã.
    Xa,
    /// Phường.
    Phuong,
    /// Thị trấn; none since 01/07/2025.
    ThiTran,
    /// Đặc khu; since 01/07/2025.
    DacKhu,
}

/// How an old unit passed into a new one; the values of `Ghi chú` in the conversion table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Manner {
    /// Nhập toàn bộ: all of it.
    Whole,
    /// Nhập một phần: part of it, not said what.
    Part,
    /// Nhập một phần diện tích: part of the area.
    PartArea,
    /// Part of the area and all the people.
    PartAreaWholePopulation,
    /// Nhập một phần dân số: part of the people.
    PartPopulation,
    /// Giữ nguyên: kept as it was.
    Unchanged,
    /// Đổi tên: only the name changed.
    Renamed,
    /// Đổi loại hình: only the kind changed.
    Retyped,
}

impl Level {
    /// `country`, `province`, `district`, `commune`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }
}

impl Kind {
    /// Every kind, top down.
    pub const ALL: [Self; 11] = [
        Self::QuocGia,
        Self::Tinh,
        Self::ThanhPho,
        Self::Quan,
        Self::Huyen,
        Self::ThiXa,
        Self::ThanhPhoThuocTinh,
        Self::Xa,
        Self::Phuong,
        Self::ThiTran,
        Self::DacKhu,
    ];

    /// The stored form: `phuong`, `thanh_pho_thuoc_tinh`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuocGia => "quoc_gia",
            Self::Tinh => "tinh",
            Self::ThanhPho => "thanh_pho",
            Self::Quan => "quan",
            Self::Huyen => "huyen",
            Self::ThiXa => "thi_xa",
            Self::ThanhPhoThuocTinh => "thanh_pho_thuoc_tinh",
            Self::Xa => "xa",
            Self::Phuong => "phuong",
            Self::ThiTran => "thi_tran",
            Self::DacKhu => "dac_khu",
        }
    }

    /// Reads the stored form.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }

    /// What stands before the name: `Phường`; nothing for the country.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::QuocGia => "",
            Self::Tinh => "Tỉnh",
            Self::ThanhPho | Self::ThanhPhoThuocTinh => "Thành phố",
            Self::Quan => "Quận",
            Self::Huyen => "Huyện",
            Self::ThiXa => "Thị xã",
            Self::Xa => "Xã",
            Self::Phuong => "Phường",
            Self::ThiTran => "Thị trấn",
            Self::DacKhu => "Đặc khu",
        }
    }

    /// [`Kind::prefix`] as a search key.
    fn folded_prefix(self) -> &'static str {
        match self {
            Self::QuocGia => "",
            Self::Tinh => "tinh",
            Self::ThanhPho | Self::ThanhPhoThuocTinh => "thanh pho",
            Self::Quan => "quan",
            Self::Huyen => "huyen",
            Self::ThiXa => "thi xa",
            Self::Xa => "xa",
            Self::Phuong => "phuong",
            Self::ThiTran => "thi tran",
            Self::DacKhu => "dac khu",
        }
    }

    /// The level units of this kind sit on.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::QuocGia => Level::Country,
            Self::Tinh | Self::ThanhPho => Level::Province,
            Self::Quan | Self::Huyen | Self::ThiXa | Self::ThanhPhoThuocTinh => Level::District,
            Self::Xa | Self::Phuong | Self::ThiTran | Self::DacKhu => Level::Commune,
        }
    }

    /// `Phường Ba Đình`, `Phường 15`, `Việt Nam`.
    #[must_use]
    pub fn full_name(self, name: &str) -> String {
        match self.prefix() {
            "" => name.to_owned(),
            prefix => format!("{prefix} {name}"),
        }
    }
}

impl Manner {
    /// Every manner.
    pub const ALL: [Self; 8] = [
        Self::Whole,
        Self::Part,
        Self::PartArea,
        Self::PartAreaWholePopulation,
        Self::PartPopulation,
        Self::Unchanged,
        Self::Renamed,
        Self::Retyped,
    ];

    /// The stored form: `part_area`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Part => "part",
            Self::PartArea => "part_area",
            Self::PartAreaWholePopulation => "part_area_whole_population",
            Self::PartPopulation => "part_population",
            Self::Unchanged => "unchanged",
            Self::Renamed => "renamed",
            Self::Retyped => "retyped",
        }
    }

    /// Reads the stored form.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|manner| manner.as_str() == raw)
    }

    /// The usual `Ghi chú` for this manner.
    #[must_use]
    pub fn usual_note(self) -> &'static str {
        match self {
            Self::Whole => "Nhập toàn bộ",
            Self::Part => "Nhập một phần",
            Self::PartArea => "Nhập một phần diện tích",
            Self::PartAreaWholePopulation => "Nhập một phần diện tích, toàn bộ dân số",
            Self::PartPopulation => "Nhập một phần dân số",
            Self::Unchanged => "Giữ nguyên",
            Self::Renamed => "Đổi tên",
            Self::Retyped => "Đổi loại hình",
        }
    }

    /// Understands a `Ghi chú` whatever its marks, case and spaces; `None` for an unknown one.
    ///
    /// The longer notes of the published table are remarks on one row: what is left of a commune,
    /// a commune made from a part of an old one, or all the land of a commune whose people went
    /// elsewhere is [`Manner::Part`]; an island district turned into a đặc khu is
    /// [`Manner::Whole`].
    #[must_use]
    pub fn from_note(note: &str) -> Option<Self> {
        let key = fold(note);
        let usual = match key.as_str() {
            "nhap toan bo" => Some(Self::Whole),
            "nhap mot phan" => Some(Self::Part),
            "nhap mot phan dien tich" => Some(Self::PartArea),
            "nhap mot phan dien tich, toan bo dan so" => Some(Self::PartAreaWholePopulation),
            "nhap mot phan dan so" => Some(Self::PartPopulation),
            "giu nguyen" => Some(Self::Unchanged),
            "doi ten" => Some(Self::Renamed),
            "doi loai hinh" => Some(Self::Retyped),
            _ => None,
        };
        if usual.is_some() {
            return usual;
        }
        if key.starts_with("sap xep toan bo ") {
            Some(Self::Whole)
        } else if key == "nhap toan bo dien tich"
            || key.starts_with("phan con lai ")
            || (key.starts_with("doi ten") && key.contains(" tu mot phan "))
        {
            Some(Self::Part)
        } else {
            None
        }
    }
}

/// Takes `Phường Ba Đình` apart into the kind, by level, and the name without it. Accepts any
/// case and missing marks in the prefix (`Thi trấn`, `Xa`, `phường`). `None` without a prefix.
#[must_use]
pub fn split_kind(level: Level, full_name: &str) -> Option<(Kind, String)> {
    let text = normalise(full_name);
    let words: Vec<&str> = text.split(' ').collect();
    [2, 1].into_iter().find_map(|count| {
        let (prefix, name) = words.split_at_checked(count)?;
        let prefix = fold(&prefix.join(" "));
        let kind = Kind::ALL
            .into_iter()
            .find(|kind| kind.level() == level && kind.folded_prefix() == prefix)?;
        (!name.is_empty()).then(|| (kind, name.join(" ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_without_its_kind() {
        for (level, full, kind, name) in [
            (Level::Commune, "Phường Ba Đình", Kind::Phuong, "Ba Đình"),
            (Level::Commune, "Phường 15", Kind::Phuong, "15"),
            (
                Level::Commune,
                "Phường Phường Đúc",
                Kind::Phuong,
                "Phường Đúc",
            ),
            (
                Level::Commune,
                "Thi trấn  Ngan Dừa\n",
                Kind::ThiTran,
                "Ngan Dừa",
            ),
            (Level::Commune, "Xa Ea Kly", Kind::Xa, "Ea Kly"),
            (Level::Commune, "ĐẶC KHU Côn Đảo", Kind::DacKhu, "Côn Đảo"),
            (Level::District, "Thị Xã An Nhơn", Kind::ThiXa, "An Nhơn"),
            (
                Level::District,
                "Thành phố Thủ Đức",
                Kind::ThanhPhoThuocTinh,
                "Thủ Đức",
            ),
            (Level::Province, "Thành phố Huế", Kind::ThanhPho, "Huế"),
        ] {
            assert_eq!(
                split_kind(level, full),
                Some((kind, name.to_owned())),
                "{full}"
            );
        }
        assert_eq!(split_kind(Level::Commune, "Xuân Quang 3"), None);
        assert_eq!(Kind::Phuong.full_name("15"), "Phường 15");
    }

    #[test]
    fn every_published_note_is_understood() {
        for (note, manner) in [
            ("Giữ nguyên ", Manner::Unchanged),
            ("Nhập một phần\n", Manner::Part),
            ("Nhập một  phần", Manner::Part),
            ("Nhâp một phần diện tích", Manner::PartArea),
            ("Nhập toàn bộ diện tích", Manner::Part),
            (
                "Sắp xếp toàn bộ huyện Lý Sơn thành đặc khu Lý Sơn",
                Manner::Whole,
            ),
            (
                "Phần còn lại sau khi tách một phần vào xã Canh Vinh",
                Manner::Part,
            ),
            ("Đổi tên từ một phần Phường 15", Manner::Part),
            (
                "Đổi tên, đổi loại hình từ một phần thị trấn Lai Uyên",
                Manner::Part,
            ),
            ("Đổi loại hình", Manner::Retyped),
        ] {
            assert_eq!(Manner::from_note(note), Some(manner), "{note}");
        }
        assert_eq!(Manner::from_note("Tách"), None);
    }

    #[test]
    fn stored_forms_read_back() {
        assert!(
            Kind::ALL
                .into_iter()
                .all(|kind| Kind::parse(kind.as_str()) == Some(kind))
        );
        for manner in Manner::ALL {
            assert_eq!(Manner::parse(manner.as_str()), Some(manner));
            assert_eq!(Manner::from_note(manner.usual_note()), Some(manner));
        }
        for kind in Kind::ALL {
            assert_eq!(fold(kind.prefix()), kind.folded_prefix());
        }
    }
}
