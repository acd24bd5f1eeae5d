//! What people write by hand beside a capture: manifests, and tables and lists of samples.

use pcapml::publish::lists::{ListHeader, are_options};
use pcapml::publish::manifest::Manifest;
use pcapml::rule::{SampleTable, Splits};

/// The same text as each of them.
pub fn read(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(manifest) = Manifest::parse(&text) {
        assert!(!manifest.name.contains(['/', '\\']) && !manifest.creators.is_empty());
    }
    let header = ListHeader::read(&text);
    for said in [header.dataset, header.version, header.table, header.split, header.options].into_iter().flatten() {
        assert!(!said.contains('\n'));
        let _ = are_options(&said);
    }
    if let (Ok(rows), Ok(splits)) = (Splits::rows(data), Splits::parse(data)) {
        assert!(splits.len() + splits.left_out().len() <= rows.len());
        for row in rows {
            let split = row.membership.as_ref().map(|of| of.split.as_str());
            assert_eq!(splits.of(row.id), split);
            // Names of splits are names of files.
            assert!(!split.unwrap_or_default().contains(['/', '\\']));
        }
    }
    if let Ok(table) = SampleTable::parse(data) {
        assert!(table.rows.len() <= data.len());
    }
}
