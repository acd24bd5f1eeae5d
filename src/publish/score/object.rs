//! A score as an object for programs.

use serde_json::{Map, Value as Json, json};

use super::calibration::{Bin, Calibration};
use super::{FIGURES, Score};
use crate::publish::classes;

impl Score {
    /// Everything that is known of it.
    pub fn json(&self) -> Json {
        let figure = |at: usize| {
            let mut object = Map::from_iter([("value".to_owned(), Json::from(self.figures[at]))]);
            if let Some(ends) = self.intervals.map(|intervals| intervals[at]) {
                object.insert("low".to_owned(), ends.low.into());
                object.insert("high".to_owned(), ends.high.into());
            }
            (FIGURES[at].to_owned(), Json::Object(object))
        };
        json!({
            "predictions": self.name,
            "samples": self.samples,
            "groups": self.groups,
            "missing": self.missing,
            "elsewhere": self.elsewhere,
            "figures": (0..FIGURES.len()).map(figure).collect::<Map<_, _>>(),
            "averages": classes::average_objects(&self.classes),
            "classes": classes::objects(&self.classes),
            "confusion": self.confusion.objects("samples"),
            "calibration": self.calibration.as_ref().map(calibration),
        })
    }
}

fn calibration(calibration: &Calibration) -> Json {
    let bins = calibration.bins.len() as f64;
    let bin = |(at, bin): (usize, &Bin)| {
        json!({
            "low": at as f64 / bins, "high": (at + 1) as f64 / bins, "samples": bin.samples,
            "confidence": bin.confidence(), "accuracy": bin.accuracy(),
        })
    };
    json!({
        "log_loss": calibration.log_loss,
        "brier": calibration.brier,
        "ece": calibration.ece,
        "disagreeing": calibration.disagreeing,
        "bins": calibration.bins.iter().enumerate().map(bin).collect::<Vec<_>>(),
    })
}
