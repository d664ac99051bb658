//! The built program: its commands, and what it does without a desktop.
#![cfg(target_os = "linux")]

mod access;
mod activity;
mod awake;
mod broken_settings;
mod commands;
mod control;
mod dashboard;
mod doctor;
mod drive;
mod drives;
mod folder_goes;
mod history_survives_kills;
mod home;
mod lan;
mod lan_names;
mod lan_public;
mod limits;
mod main_job;
mod new_link;
mod options;
mod protected_site;
mod receive;
mod receive_cuts;
mod receive_full_disk;
mod receive_survives_kills;
mod running;
mod settings;
mod shared_site;
mod standard_input;
mod status;
mod store_survives_kills;
mod without_tray_app;
mod words_of_list;
