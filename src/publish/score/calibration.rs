//! What probabilities are worth: whether of what is said with 70 % confidence 70 % is so.
//!
//! - log loss: the mean of `-ln p` of the true class, `p` kept within 2^-52 of 0 and 1 as scikit-learn does it.
//! - Brier score: the mean over samples of the sum over classes of `(p - y)²`, from 0 to 2 (Brier 1950); also where there are
//!   two classes, for which others halve it.
//! - expected calibration error: confidence is the probability of the predicted label; in bins of equal width, open below and closed
//!   above (Guo et al. 2017), the mean distance between confidence and accuracy, each bin as much as it holds samples.

use crate::rule::Chances;

/// The least distance from 0 and 1 that log loss takes for granted.
const EPSILON: f64 = f64::EPSILON;

/// What of a logarithm is the same on all machines.
const DIGITS: f64 = 1e12;

/// What probabilities are worth.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// In nats.
    pub log_loss: f64,
    /// From 0 to 2.
    pub brier: f64,
    /// Expected calibration error, from 0 to 1.
    pub ece: f64,
    /// The bins, by ascending confidence.
    pub bins: Vec<Bin>,
    /// Samples whose label is not their most probable class.
    pub disagreeing: u64,
}

/// Samples of like confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Bin {
    /// How many.
    pub samples: u64,
    /// The sum of their confidences.
    confidence: f64,
    /// How many are right.
    correct: u64,
}

impl Bin {
    /// The mean confidence, if there are samples.
    pub fn confidence(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.confidence / self.samples as f64)
    }

    /// The share that is right, if there are samples.
    pub fn accuracy(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.correct as f64 / self.samples as f64)
    }

    fn gap(&self) -> f64 {
        (self.confidence - self.correct as f64).abs()
    }
}

impl Calibration {
    /// What these probabilities are worth, each with whether the predicted label is right; none of none.
    pub fn of(answers: &[(Chances, bool)], bins: usize) -> Option<Self> {
        if answers.is_empty() {
            return None;
        }
        let samples = answers.len() as f64;
        let (mut log_loss, mut brier, mut disagreeing) = (0.0, 0.0, 0);
        let mut filled = vec![Bin::default(); bins];
        for (chances, correct) in answers {
            log_loss -= chances.of_truth.clamp(EPSILON, 1.0 - EPSILON).ln();
            brier += chances.squares - 2.0 * chances.of_truth + 1.0;
            disagreeing += u64::from(chances.of_label < chances.highest);
            let bin = &mut filled[bin_of(chances.of_label, bins)];
            bin.samples += 1;
            bin.confidence += chances.of_label;
            bin.correct += u64::from(*correct);
        }
        Some(Self {
            log_loss: (log_loss / samples * DIGITS).round() / DIGITS,
            brier: brier / samples,
            ece: filled.iter().map(Bin::gap).sum::<f64>() / samples,
            bins: filled,
            disagreeing,
        })
    }
}

/// The first bin whose upper end is not below.
fn bin_of(confidence: f64, bins: usize) -> usize {
    let upper = |bin: usize| (bin + 1) as f64 / bins as f64;
    (0..bins).find(|bin| confidence <= upper(*bin)).unwrap_or(bins - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_open_below_and_closed_above() {
        for (confidence, bin) in [(0.0, 0), (0.1, 0), (0.1000001, 1), (0.3, 2), (0.7, 6), (1.0, 9)] {
            assert_eq!(bin_of(confidence, 10), bin, "{confidence}");
        }
    }

    #[test]
    fn what_is_sure_and_wrong_costs_most() {
        let chances = |of_truth: f64, of_label: f64| Chances { of_truth, of_label, highest: 1.0, squares: 1.0 };
        let calibration = Calibration::of(&[(chances(1.0, 1.0), true), (chances(0.0, 1.0), false)], 10).unwrap();
        assert_eq!((calibration.brier, calibration.ece, calibration.disagreeing), (1.0, 0.5, 0));
        assert!((calibration.log_loss - 36.043_653_389_1 / 2.0).abs() < 1e-9, "{}", calibration.log_loss);
        assert_eq!(Calibration::of(&[], 10), None);
    }
}
