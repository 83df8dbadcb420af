//! Ways to a person besides the app, each behind an [`Adapter`].

use super::push::{Subscription, WebPush};
use crate::args;
use crate::features::questions::zalo;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use domain::notifications::NoticeChannel;
use std::fmt::Debug;
use tokio::runtime::Handle;
use uuid::Uuid;

/// Where a message goes.
#[derive(Debug)]
pub enum Address {
    /// To a browser.
    Browser(Subscription),
    /// To a phone number, E.164.
    Phone(String),
}

/// What goes out.
#[derive(Debug)]
pub struct Message {
    /// The notification's id: who gets it twice can tell.
    pub id: Uuid,
    /// To whom.
    pub to: Address,
    /// In a few words.
    pub title: String,
    /// In a sentence or two.
    pub text: String,
    /// Which screen it leads to.
    pub link: String,
    /// For how many more seconds it is worth delivering.
    pub worth_s: i64,
}

/// Why it did not go out.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// The address is no more.
    Gone,
    /// It may go out another time.
    Later(String),
}

/// Hands messages to whoever carries them. Called on a thread that may wait, outside any
/// transaction; the same message may come again.
pub trait Adapter: Debug + Send + Sync {
    /// Sends one.
    ///
    /// # Errors
    /// A [`Fault`].
    fn send(&self, message: &Message) -> Result<(), Fault>;
}

/// The channels of an installation.
#[derive(Debug, Default)]
pub struct Channels {
    /// Web Push, when it is switched on.
    pub push: Option<WebPush>,
    /// Whether text and Zalo messages are simulated.
    pub simulated: bool,
    /// The official account on Zalo that residents write to.
    pub zalo: Option<zalo::Config>,
}

/// Each channel that there is, ready to send.
#[derive(Debug)]
pub struct Adapters {
    /// Web Push: browsers subscribe under its key.
    pub push: Option<WebPush>,
    simulators: Vec<Simulator>,
}

impl Adapters {
    /// Those of an installation.
    pub fn new(channels: Channels, db: &Db, clock: &Clock) -> Self {
        let simulated: &[NoticeChannel] = match channels.simulated {
            true => &[NoticeChannel::Sms, NoticeChannel::Zalo],
            false => &[],
        };
        let simulators = simulated.iter().map(|channel| Simulator {
            channel: *channel,
            db: db.clone(),
            clock: clock.clone(),
        });
        Self {
            push: channels.push,
            simulators: simulators.collect(),
        }
    }

    /// What sends by a channel, if it is there.
    pub fn of(&self, channel: NoticeChannel) -> Option<&dyn Adapter> {
        if channel == NoticeChannel::Push {
            return self.push.as_ref().map(|push| push as &dyn Adapter);
        }
        let mut simulators = self.simulators.iter();
        let found = simulators.find(|one| one.channel == channel);
        found.map(|one| one as &dyn Adapter)
    }

    /// The channels that people can choose.
    pub fn offered(&self) -> Vec<NoticeChannel> {
        let there = |channel: &NoticeChannel| self.of(*channel).is_some();
        NoticeChannel::ALL.iter().copied().filter(there).collect()
    }
}

/// Writes down what it would send, for an administrator to look at.
#[derive(Debug)]
struct Simulator {
    channel: NoticeChannel,
    db: Db,
    clock: Clock,
}

impl Adapter for Simulator {
    fn send(&self, message: &Message) -> Result<(), Fault> {
        let Address::Phone(phone) = &message.to else {
            return Err(Fault::Gone);
        };
        let (id, at, channel) = (self.clock.new_id(), self.clock.now(), self.channel);
        let (phone, text) = (
            phone.clone(),
            format!("{}. {}", message.title, message.text),
        );
        let write = self.db.write(move |tx| {
            tx.execute(
                "insert into simulated_message (id, channel, phone, text, at) values ($1, $2, $3, $4, $5)",
                args![id, channel, &phone, &text, at],
            )?;
            Ok(())
        });
        Handle::current()
            .block_on(write)
            .map_err(|fault| Fault::Later(fault.to_string()))
    }
}
