//! Where addresses are, by MaxMind databases that the user has.

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use maxminddb::{MaxMindDbError, Reader, geoip2};

use crate::error::{Error, Result};

/// How many addresses are remembered; then they are looked up anew.
const REMEMBERED: usize = 1 << 16;

/// Where an address is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Location {
    /// ISO 3166-1, two letters.
    pub(super) country: Option<String>,
    /// The largest division of the country.
    pub(super) region: Option<String>,
    pub(super) city: Option<String>,
    /// The autonomous system's number and who has it.
    pub(super) system: Option<u32>,
    pub(super) organisation: Option<String>,
}

/// Databases.
pub(super) struct Places {
    cities: Option<Database>,
    systems: Option<Database>,
    known: HashMap<IpAddr, Rc<Location>>,
}

struct Database {
    path: PathBuf,
    reader: Reader<Vec<u8>>,
}

impl Places {
    /// Reads databases of cities and of autonomous systems.
    ///
    /// # Errors
    /// What cannot be read, or is a database of something else.
    pub(super) fn open(cities: Option<&Path>, systems: Option<&Path>) -> Result<Self> {
        let open = |path: Option<&Path>, other: &str, option: &str| -> Result<Option<Database>> {
            let Some(path) = path else { return Ok(None) };
            let database = Database::open(path)?;
            let kind = &database.reader.metadata().database_type;
            match kind.contains(other) {
                true => Err(Error::request(format!("a database of {kind}"))
                    .in_file(path)
                    .advise(format!("name it with {option}"))),
                false => Ok(Some(database)),
            }
        };
        let (cities, systems) = (open(cities, "ASN", "--asn")?, open(systems, "City", "--geoip")?);
        Ok(Self { cities, systems, known: HashMap::new() })
    }

    /// Where an address is; nothing if no database knows it.
    ///
    /// # Errors
    /// A database that contradicts itself.
    pub(super) fn of(&mut self, address: IpAddr) -> Result<Rc<Location>> {
        if self.cities.is_none() && self.systems.is_none() {
            return Ok(Rc::default());
        }
        if let Some(known) = self.known.get(&address) {
            return Ok(Rc::clone(known));
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let found = Rc::new(self.find(address)?);
        self.known.insert(address, Rc::clone(&found));
        Ok(found)
    }

    fn find(&self, address: IpAddr) -> Result<Location> {
        let mut location = Location::default();
        if let Some(database) = &self.cities
            && let Some(city) = database.find::<geoip2::City>(address)?
        {
            let english = |names: &geoip2::Names| names.english.map(str::to_owned);
            location.country = city.country.iso_code.map(str::to_owned);
            location.region = city.subdivisions.first().and_then(|region| english(&region.names));
            location.city = english(&city.city.names);
        }
        if let Some(database) = &self.systems
            && let Some(system) = database.find::<geoip2::Asn>(address)?
        {
            location.system = system.autonomous_system_number;
            location.organisation = system.autonomous_system_organization.map(str::to_owned);
        }
        Ok(location)
    }
}

impl Database {
    fn open(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|error| Error::from(error).in_file(path))?;
        let reader = Reader::from_source(bytes)
            .map_err(|error| Error::unreadable(format!("no MaxMind database: {error}")).in_file(path))?;
        Ok(Self { path: path.to_owned(), reader })
    }

    fn find<'a, T: serde::Deserialize<'a>>(&'a self, address: IpAddr) -> Result<Option<T>> {
        if address.is_ipv6() && self.reader.metadata().ip_version == 4 {
            return Ok(None);
        }
        let found = self.reader.lookup(address).and_then(|found| found.decode());
        found.map_err(|error: MaxMindDbError| {
            Error::malformed(format!("the database contradicts itself: {error}")).in_file(&self.path)
        })
    }
}
