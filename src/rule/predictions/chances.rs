//! Probabilities of one sample, and what is kept of them.

/// How far the probabilities of a sample may be from 1 together: printed digits are cut, and there may be many classes.
const TOLERANCE: f64 = 0.01;

/// How far above 1 one may be: numbers of 32 bits are that coarse.
const ABOVE: f64 = 1e-6;

/// What the probabilities of a sample say, divided by their sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chances {
    /// The probability of what the sample is; 0 if its class has none.
    pub of_truth: f64,
    /// The probability of the label that it was given; 0 if that has none.
    pub of_label: f64,
    /// The highest probability.
    pub highest: f64,
    /// The sum of the squares of all.
    pub squares: f64,
}

/// Probabilities of one sample, while they are read.
#[derive(Debug, Clone, Default)]
pub(super) struct Chart<'a> {
    sum: f64,
    squares: f64,
    of_truth: f64,
    of_label: f64,
    highest: Option<(f64, &'a str)>,
}

impl<'a> Chart<'a> {
    /// Takes the probability of a class in.
    pub(super) fn add(&mut self, class: &'a str, probability: f64, truth: &str, label: Option<&str>) {
        self.sum += probability;
        self.squares += probability * probability;
        if class == truth {
            self.of_truth = probability;
        }
        if Some(class) == label {
            self.of_label = probability;
        }
        let leads = |(highest, name): (f64, &str)| probability > highest || probability == highest && class < name;
        if self.highest.is_none_or(leads) {
            self.highest = Some((probability, class));
        }
    }

    /// The most probable class.
    pub(super) fn leader(&self) -> Option<&'a str> {
        self.highest.map(|(_, class)| class)
    }

    /// What is kept; `labelled` if the label was given, and is not the leader.
    ///
    /// # Errors
    /// What to tell, if these are no probabilities.
    pub(super) fn chances(&self, labelled: bool) -> Result<Chances, String> {
        if (self.sum - 1.0).abs() > TOLERANCE {
            return Err(format!("the probabilities are {:.4} together, and not 1", self.sum));
        }
        let highest = self.highest.map_or(0.0, |(highest, _)| highest);
        Ok(Chances {
            of_truth: self.of_truth / self.sum,
            of_label: if labelled { self.of_label } else { highest } / self.sum,
            highest: highest / self.sum,
            squares: self.squares / (self.sum * self.sum),
        })
    }
}

/// Reads a probability.
///
/// # Errors
/// What to tell.
pub(super) fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0 + ABOVE).contains(number));
    number.ok_or_else(|| format!("'{text}' is no probability: a number from 0 to 1"))
}
