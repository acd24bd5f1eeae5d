//! Sums from which means and deviations are exact, whatever the order of what was summed.

/// Whole numbers: how many, their sum, the sum of their squares, the smallest, the largest.
#[derive(Debug, Clone, Copy)]
pub struct Sums {
    /// How many.
    pub count: u64,
    /// Saturating: nanoseconds of three hundred years.
    sum: i64,
    squares: u128,
    /// The smallest; nothing if there are none.
    least: i64,
    most: i64,
}

impl Default for Sums {
    fn default() -> Self {
        Self { count: 0, sum: 0, squares: 0, least: i64::MAX, most: i64::MIN }
    }
}

impl Sums {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, number: i64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(number);
        let size = u128::from(number.unsigned_abs());
        self.squares = self.squares.saturating_add(size * size);
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    /// The sums of both.
    pub fn with(&self, other: &Self) -> Self {
        Self {
            count: self.count + other.count,
            sum: self.sum.saturating_add(other.sum),
            squares: self.squares.saturating_add(other.squares),
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    /// The sum.
    pub fn sum(&self) -> i64 {
        self.sum
    }

    /// The smallest.
    pub fn min(&self) -> Option<i64> {
        (self.count > 0).then_some(self.least)
    }

    /// The largest.
    pub fn max(&self) -> Option<i64> {
        (self.count > 0).then_some(self.most)
    }

    /// The mean.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The variance of a sample: divided by n - 1; of fewer than two numbers there is none.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.deviations() / (self.count - 1) as f64)
    }

    /// The standard deviation of a sample.
    pub fn deviation(&self) -> Option<f64> {
        self.variance().map(f64::sqrt)
    }

    /// The sum of the squares of the deviations from the mean.
    ///
    /// n·Σx² and (Σx)² are whole numbers: their difference loses nothing, as long as they fit.
    fn deviations(&self) -> f64 {
        let count = u128::from(self.count);
        let sum = u128::from(self.sum.unsigned_abs());
        let exact = count.checked_mul(self.squares).zip(sum.checked_mul(sum));
        match exact.and_then(|(squares, sum)| squares.checked_sub(sum)) {
            Some(difference) => real(difference) / self.count as f64,
            None => {
                let mean = self.sum as f64 / self.count as f64;
                (self.squares as f64 - self.count as f64 * mean * mean).max(0.0)
            }
        }
    }
}

/// A whole number as a real one; most fit into 64 bits, of which that takes a tenth of the time.
fn real(number: u128) -> f64 {
    u64::try_from(number).map_or(number as f64, |number| number as f64)
}

/// The first four moments about the mean, of one number after the other.
///
/// Source: P. Pébay, Formulas for Robust, One-Pass Parallel Computation of Covariances and Arbitrary-Order Statistical
/// Moments, Sandia report SAND2008-6212.
#[derive(Debug, Clone, Copy)]
pub struct Moments {
    count: u64,
    mean: f64,
    second: f64,
    third: f64,
    fourth: f64,
    least: f64,
    most: f64,
}

impl Default for Moments {
    fn default() -> Self {
        Self {
            count: 0,
            mean: 0.0,
            second: 0.0,
            third: 0.0,
            fourth: 0.0,
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
        }
    }
}

impl Moments {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, number: f64) {
        let before = self.count as f64;
        self.count += 1;
        let count = self.count as f64;
        let delta = number - self.mean;
        let step = delta / count;
        let step2 = step * step;
        let term = delta * step * before;
        self.mean += step;
        self.fourth +=
            term * step2 * (count * count - 3.0 * count + 3.0) + 6.0 * step2 * self.second - 4.0 * step * self.third;
        self.third += term * step * (count - 2.0) - 3.0 * step * self.second;
        self.second += term;
        self.least = self.least.min(number);
        self.most = self.most.max(number);
    }

    /// How many numbers.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The mean; 0 of none.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The standard deviation of a population: divided by n; 0 of none.
    pub fn deviation(&self) -> f64 {
        if self.count == 0 { 0.0 } else { (self.second / self.count as f64).max(0.0).sqrt() }
    }

    /// The biased Fisher skewness; 0 where all numbers are equal, or there are none.
    pub fn skewness(&self) -> f64 {
        match self.varies() {
            true => (self.count as f64).sqrt() * self.third / self.second.powf(1.5),
            false => 0.0,
        }
    }

    /// The biased excess kurtosis; -3 where all numbers are equal, or there are none.
    pub fn kurtosis(&self) -> f64 {
        match self.varies() {
            true => self.count as f64 * self.fourth / (self.second * self.second) - 3.0,
            false => -3.0,
        }
    }

    /// The smallest; 0 of none.
    pub fn min(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.least }
    }

    /// The largest; 0 of none.
    pub fn max(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.most }
    }

    fn varies(&self) -> bool {
        self.count > 0 && self.least < self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn undefined_of_too_few() {
        let mut sums = Sums::default();
        assert_eq!((sums.mean(), sums.min(), sums.deviation()), (None, None, None));
        sums.add(7);
        assert_eq!((sums.mean(), sums.max(), sums.variance()), (Some(7.0), Some(7), None));
        sums.add(9);
        assert_eq!((sums.mean(), sums.variance()), (Some(8.0), Some(2.0)));
        let none = Moments::default();
        assert_eq!((none.mean(), none.skewness(), none.kurtosis(), none.min()), (0.0, 0.0, -3.0, 0.0));
    }

    proptest! {
        #[test]
        fn sums_and_moments_are_those_of_the_list(list in prop::collection::vec(-1_000_000_000_000_i64..1_000_000_000_000, 2..50)) {
            let (mut sums, mut moments) = (Sums::default(), Moments::default());
            for &number in &list {
                sums.add(number);
                moments.add(number as f64);
            }
            let count = list.len() as f64;
            let mean = list.iter().map(|&x| x as f64).sum::<f64>() / count;
            let power = |n: i32| list.iter().map(|&x| (x as f64 - mean).powi(n)).sum::<f64>();
            let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-3);
            prop_assert!(near(sums.mean().unwrap(), mean));
            prop_assert!(near(sums.variance().unwrap(), power(2) / (count - 1.0)));
            prop_assert!(near(moments.deviation(), (power(2) / count).sqrt()));
            if list.iter().any(|x| x != &list[0]) {
                let scale = power(2) / count;
                prop_assert!((moments.skewness() - power(3) / count / scale.powf(1.5)).abs() < 1e-7);
                prop_assert!((moments.kurtosis() - (power(4) / count / scale / scale - 3.0)).abs() < 1e-7);
            }
        }
    }
}
