//! Repeats reads that failed for a temporary reason. It does not know writes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use backon::{ExponentialBuilder, Retryable};
use tokio::sync::watch;
use tracing::Instrument;

use super::{Reads, Waiting, Waits};
use crate::{
    clock::Clock,
    domain::{
        budget::Budget,
        capability::Capabilities,
        community::{CommunityListing, CommunityRef, GroupDetails, GroupList},
        failure::{Failure, FailureKind},
        id::{CommunityId, GroupId},
        instance::Connection,
        invite::InviteLink,
        name::Name,
        pairing::ListedInstance,
        private::Private,
        reading::Probe,
        time::Millis,
        vitals::Vitals,
        wait::{Wait, WaitReason},
    },
};

/// How often a failed read is repeated: three attempts in all.
const REPEATS: usize = 2;

/// The first wait after a temporary fault; doubled for the next.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The first wait after `WhatsApp` asked for fewer requests without saying for how long; doubled for the next.
const THROTTLED_WAIT: Duration = Duration::from_secs(30);

/// The longest wait for a time that the gateway gave.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// Reads that are repeated after temporary failures.
pub(super) struct Retrying {
    inner: Arc<dyn Reads>,
    clock: Clock,
    waits: Waits,
    /// The length of the newest list of groups.
    listed: AtomicUsize,
}

impl Retrying {
    pub(super) fn new(inner: Arc<dyn Reads>, clock: Clock) -> Self {
        Self { inner, clock, waits: Waits::default(), listed: AtomicUsize::new(0) }
    }

    async fn read<T, Reading>(&self, mut read: impl FnMut() -> Reading) -> Result<T, Failure>
    where
        Reading: Future<Output = Result<T, Failure>>,
    {
        let waits = ExponentialBuilder::default()
            .with_min_delay(FIRST_WAIT)
            .with_factor(2.0)
            .with_max_times(REPEATS)
            .with_jitter();
        // The current wait; it ends with the next attempt, or when the read is abandoned.
        let waiting: Mutex<Option<Waiting>> = Mutex::default();
        let set = |wait: Option<Waiting>| *waiting.lock().unwrap_or_else(PoisonError::into_inner) = wait;
        let mut attempts = 0_u32;
        let attempt = || {
            set(None);
            attempts += 1;
            read().instrument(tracing::debug_span!("read", attempt = attempts))
        };
        attempt
            .retry(waits)
            .when(Failure::is_passing)
            .adjust(|failure, wait| Some(self.wait(failure, wait?)))
            .notify(|failure, wait| set(self.report(failure, wait)))
            .await
    }

    /// Reports a wait that begins now. A wait after a temporary fault is too short to report.
    fn report(&self, failure: &Failure, wait: Duration) -> Option<Waiting> {
        let why = match failure.kind {
            FailureKind::RateLimited { .. } => WaitReason::Limit,
            FailureKind::Throttled { .. } => WaitReason::Throttled,
            _ => return None,
        };
        let now = self.clock.now();
        Some(self.waits.begin(Wait { why, until: now + wait }, now))
    }

    /// How long to wait before repeating the read; `usual` is the wait after a temporary fault.
    fn wait(&self, failure: &Failure, usual: Duration) -> Duration {
        let until = |until: Millis| until.since(self.clock.now()).min(LONGEST_WAIT);
        match failure.kind {
            // The jitter keeps reads that wait for the same reset from all starting at once.
            FailureKind::RateLimited { until: Some(reset) } => until(reset) + usual,
            FailureKind::Throttled { until: Some(end) } => until(end) + usual,
            FailureKind::RateLimited { until: None } => Duration::from_secs(60),
            FailureKind::Throttled { until: None } if usual < 2 * FIRST_WAIT => THROTTLED_WAIT,
            FailureKind::Throttled { until: None } => 2 * THROTTLED_WAIT,
            _ => usual,
        }
    }
}

#[async_trait]
impl Reads for Retrying {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn budget(&self) -> watch::Receiver<Option<Budget>> {
        self.inner.budget()
    }

    async fn connection(&self) -> Result<Connection, Failure> {
        self.read(|| self.inner.connection()).await
    }

    async fn number(&self) -> Result<Option<Name>, Failure> {
        self.read(|| self.inner.number()).await
    }

    async fn communities(&self) -> Result<Vec<CommunityRef>, Failure> {
        self.read(|| self.inner.communities()).await
    }

    async fn groups(&self) -> Result<GroupList, Failure> {
        let list = self.read(|| self.inner.groups()).await?;
        self.listed.store(list.groups.len(), Ordering::Relaxed);
        Ok(list)
    }

    async fn listing(&self, community: &CommunityId) -> Result<CommunityListing, Failure> {
        self.read(|| self.inner.listing(community)).await
    }

    async fn probe(&self, group: &GroupId) -> Probe {
        let probe = || async {
            match self.inner.probe(group).await {
                Probe::Failed(failure) => Err(failure),
                response => Ok(response),
            }
        };
        self.read(probe).await.unwrap_or_else(Probe::Failed)
    }

    async fn details(&self, group: &GroupId) -> Result<GroupDetails, Failure> {
        self.read(|| self.inner.details(group)).await
    }

    async fn invited(&self, link: &InviteLink) -> Result<GroupDetails, Failure> {
        self.read(|| self.inner.invited(link)).await
    }

    fn vitals(&self) -> Vitals {
        self.inner.vitals()
    }

    fn listed_groups(&self) -> usize {
        self.listed.load(Ordering::Relaxed)
    }

    fn waits(&self) -> Waits {
        self.waits.clone()
    }

    async fn invite_link(&self, group: &GroupId) -> Result<Option<InviteLink>, Failure> {
        self.read(|| self.inner.invite_link(group)).await
    }

    async fn instances(&self) -> Result<Vec<ListedInstance>, Failure> {
        self.read(|| self.inner.instances()).await
    }

    async fn find_community(&self, given: &Private) -> Result<CommunityListing, Failure> {
        self.read(|| self.inner.find_community(given)).await
    }
}
