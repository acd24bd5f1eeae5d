//! Numbers with their nouns.

use std::fmt::Display;

/// `1 packet`, `2 packets`, `1 class`, `0 classes`.
pub fn count<N: Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    let ending = match number == N::from(1) {
        true => "",
        false if noun.ends_with('s') => "es",
        false => "s",
    };
    format!("{number} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_several() {
        let told = [count(0, "class"), count(1, "class"), count(2, "class"), count(1_u64, "pair"), count(7, "pair")];
        assert_eq!(told, ["0 classes", "1 class", "2 classes", "1 pair", "7 pairs"]);
    }
}
