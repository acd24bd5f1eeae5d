//! How much memory is kept, about: so that who has many conversations can bound what all of them keep.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::login::Outcome;
use super::value::{Bytes, Interval, Time};
use crate::flow::Sides;

/// Something that may keep memory beside itself.
pub trait Held {
    /// How much that is, in bytes, about.
    fn held(&self) -> usize;

    /// How much all of these keep.
    fn all_hold(all: &[Self]) -> usize
    where
        Self: Sized,
    {
        all.iter().map(Self::held).sum()
    }
}

macro_rules! hold_nothing {
    ($($type:ty),*) => {
        $(impl Held for $type {
            fn held(&self) -> usize {
                0
            }

            fn all_hold(_: &[Self]) -> usize {
                0
            }
        })*
    };
}

hold_nothing!(bool, u8, u16, u32, u64, i32, i64, f64, &'static str, Interval, Time, IpAddr, Outcome);

impl Held for String {
    fn held(&self) -> usize {
        self.capacity()
    }
}

impl Held for Bytes {
    fn held(&self) -> usize {
        self.0.capacity()
    }
}

impl<T: Held> Held for Option<T> {
    fn held(&self) -> usize {
        self.as_ref().map_or(0, T::held)
    }
}

impl<A: Held, B: Held> Held for (A, B) {
    fn held(&self) -> usize {
        self.0.held() + self.1.held()
    }
}

impl<T: Held> Held for Box<T> {
    fn held(&self) -> usize {
        size_of::<T>() + self.as_ref().held()
    }
}

impl<T: Held, const N: usize> Held for [T; N] {
    fn held(&self) -> usize {
        T::all_hold(self)
    }
}

impl<T: Held> Held for Vec<T> {
    fn held(&self) -> usize {
        self.capacity() * size_of::<T>() + T::all_hold(self)
    }
}

impl<T: Held> Held for Sides<T> {
    fn held(&self) -> usize {
        self.originator.held() + self.responder.held()
    }
}

/// Texts by their keys, whose memory is known without looking at each.
#[derive(Debug)]
pub(super) struct Texts<K> {
    texts: BTreeMap<K, String>,
    held: usize,
}

impl<K: Ord + Held> Texts<K> {
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn get(&self, key: &K) -> Option<&String> {
        self.texts.get(key)
    }

    pub(super) fn insert(&mut self, key: K, text: String) {
        self.remove(&key);
        self.held += weight(&key, &text);
        self.texts.insert(key, text);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some((key, text)) = self.texts.remove_entry(key) {
            self.held -= weight(&key, &text);
        }
    }
}

fn weight<K: Held>(key: &K, text: &String) -> usize {
    size_of::<(K, String)>() + key.held() + text.held()
}

impl<K> Default for Texts<K> {
    fn default() -> Self {
        Self { texts: BTreeMap::new(), held: 0 }
    }
}

impl<K> Held for Texts<K> {
    fn held(&self) -> usize {
        self.held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_themselves_and_what_is_in_them() {
        let list = vec![Some("12345".to_owned()), None];
        assert_eq!(list.held(), list.capacity() * size_of::<Option<String>>() + 5);
        assert_eq!([Some(vec![1_u16, 2]), None].held(), 4);
        assert_eq!(Box::new(7_u64).held(), 8);
    }

    #[test]
    fn texts_that_are_gone_hold_nothing() {
        let mut texts = Texts::default();
        texts.insert("a".to_owned(), "x".repeat(100));
        let one = texts.held();
        assert!(one > 100);
        texts.insert("a".to_owned(), "x".repeat(1_000));
        assert_eq!((texts.held(), texts.len()), (one + 900, 1));
        texts.remove(&"a".to_owned());
        texts.remove(&"a".to_owned());
        assert_eq!((texts.held(), texts.get(&"a".to_owned())), (0, None));
    }
}
