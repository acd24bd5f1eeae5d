//! `pcapml export`: a labelled capture as a dataset of another project, a file for each of them.

pub mod huggingface;
