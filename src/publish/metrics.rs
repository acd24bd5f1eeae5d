//! Precision, recall and F1 of classes, and their averages, as scikit-learn defines them with `zero_division=0`.
//!
//! A ratio of nothing is 0. Averages are over the classes that the truth or the answers name: a class that is only ever
//! answered has no support, and an F1 of 0 that pulls the macro average down.

/// What is counted of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// How often it is the truth.
    pub support: u64,
    /// How often it is the answer.
    pub predicted: u64,
    /// How often it is both.
    pub correct: u64,
}

/// Three ratios, each from 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Ratios {
    /// Of what was answered so, the share that is so.
    pub precision: f64,
    /// Of what is so, the share that was answered so.
    pub recall: f64,
    /// The harmonic mean of the two.
    pub f1: f64,
}

/// The means over all classes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Averages {
    /// Of the sums of all counts.
    pub micro: Ratios,
    /// Each class as much as any other.
    pub macro_: Ratios,
    /// Each class as much as it has support.
    pub weighted: Ratios,
    /// The mean recall of the classes that have support: the balanced accuracy.
    pub balanced_accuracy: f64,
}

impl Counts {
    /// Precision, recall and F1.
    pub fn ratios(&self) -> Ratios {
        Ratios {
            precision: ratio(self.correct, self.predicted),
            recall: ratio(self.correct, self.support),
            f1: ratio(2 * self.correct, self.support + self.predicted),
        }
    }

    /// True if neither truth nor answers name the class.
    pub fn is_empty(&self) -> bool {
        self.support == 0 && self.predicted == 0
    }
}

impl Averages {
    /// The averages over classes.
    pub fn of(classes: &[Counts]) -> Self {
        let (mut all, mut averages) = (Counts::default(), Self::default());
        let (mut named, mut supported) = (0, 0);
        for class in classes.iter().filter(|class| !class.is_empty()) {
            all.support += class.support;
            all.predicted += class.predicted;
            all.correct += class.correct;
            let ratios = class.ratios();
            averages.macro_.add(ratios, 1.0);
            averages.weighted.add(ratios, class.support as f64);
            named += 1;
            if class.support > 0 {
                supported += 1;
                averages.balanced_accuracy += ratios.recall;
            }
        }
        averages.micro = all.ratios();
        averages.macro_.divide(named);
        averages.weighted.divide(all.support);
        averages.balanced_accuracy = share(averages.balanced_accuracy, supported);
        averages
    }

    /// The averages by their names.
    pub fn named(&self) -> [(&'static str, Ratios); 3] {
        [("micro", self.micro), ("macro", self.macro_), ("weighted", self.weighted)]
    }
}

impl Ratios {
    fn add(&mut self, other: Self, weight: f64) {
        self.precision += weight * other.precision;
        self.recall += weight * other.recall;
        self.f1 += weight * other.f1;
    }

    fn divide(&mut self, by: u64) {
        for sum in [&mut self.precision, &mut self.recall, &mut self.f1] {
            *sum = share(*sum, by);
        }
    }
}

/// A part of a whole; 0 of nothing.
pub fn ratio(part: u64, whole: u64) -> f64 {
    share(part as f64, whole)
}

fn share(sum: f64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { sum / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_of_nothing_are_zero_and_averages_are_over_what_is_named() {
        let class = |support, predicted, correct| Counts { support, predicted, correct };
        let averages = Averages::of(&[class(4, 5, 4), class(2, 0, 0), class(0, 1, 0), class(0, 0, 0)]);
        assert_eq!(averages.macro_.recall, 1.0 / 3.0);
        assert_eq!(averages.balanced_accuracy, 0.5);
        assert_eq!(averages.micro, Ratios { precision: 4.0 / 6.0, recall: 4.0 / 6.0, f1: 8.0 / 12.0 });
        assert_eq!(averages.weighted.precision, 4.0 * 0.8 / 6.0);
        assert_eq!(Averages::of(&[]), Averages::default());
        assert_eq!(class(2, 0, 0).ratios(), Ratios::default());
    }
}
