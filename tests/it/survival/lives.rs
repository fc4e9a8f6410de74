//! Several lives of Synod over one world and one journal: each ends where its journal is cut; the next recovers and
//! continues with the rest.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use synod::{
    clock::Clock,
    domain::{
        directory::Directory,
        event::Order,
        id::{GroupId, OperationId},
        instance::InstanceKey,
        operation::Operation,
        plan::{Head, Plan, Reason, Request, again},
        settings::OperationSettings,
    },
    engine::{Engine, EngineEvent, journal::Journal},
    gateway::Gateway,
};
use tokio::sync::mpsc;

use crate::support::{
    cut_journal::{Cut, CutJournal},
    planning::planned,
};

/// The things that outlive every Synod.
pub(crate) struct Lives {
    pub(crate) clock: Clock,
    pub(crate) gateway: Gateway,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) settings: OperationSettings,
    pub(crate) key: InstanceKey,
}

/// One Synod.
pub(crate) struct Life {
    pub(crate) engine: Engine,
    journal: Arc<CutJournal>,
    engine_events: mpsc::UnboundedReceiver<EngineEvent>,
    operations: BTreeMap<OperationId, Operation>,
}

/// A Synod died.
#[derive(Debug)]
pub(crate) struct Died;

impl Lives {
    pub(crate) async fn begin(&self, cut: Option<Cut>) -> Life {
        let journal = CutJournal::new(Arc::clone(&self.journal), cut);
        let (engine, engine_events) = Engine::new(Arc::clone(&journal) as _, self.clock);
        engine.add_instance(self.key.clone(), self.gateway.clone(), self.settings.clone());
        let known = self.operations().await;
        let operations = known.into_iter().map(|operation| (operation.id, operation)).collect();
        Life { engine, journal, engine_events, operations }
    }

    pub(crate) async fn operations(&self) -> Vec<Operation> {
        self.journal.operations(&self.key, usize::MAX).await.unwrap()
    }

    /// Carries an order through these lives, and then through one that is not cut, until nothing is left to resume.
    pub(crate) async fn carry(&self, order: &Order, cuts: &[(Cut, Duration)]) {
        let before = self.operations().await.len();
        for (cut, pause) in cuts {
            let mut life = self.begin(Some(*cut)).await;
            if self.live(&mut life, order, before).await.is_ok() {
                return;
            }
            drop(life);
            tokio::time::sleep(*pause).await;
        }
        self.live(&mut self.begin(None).await, order, before).await.unwrap();
    }

    /// One life: it recovers, and continues until nothing is left.
    async fn live(&self, life: &mut Life, order: &Order, before: usize) -> Result<(), Died> {
        life.until_death(life.engine.recover(&self.key)).await?.unwrap();
        life.idle(&self.key).await?;
        loop {
            let operations = self.operations().await;
            let interrupted = again::newest_interrupted(operations.iter().map(|known| &known.summary));
            let next = match interrupted.and_then(|left| operations.iter().find(|known| known.id == left.id))
            {
                Some(interrupted) => self.order(again::resume(interrupted).unwrap()).await,
                None if operations.len() == before => order.clone(),
                None => break,
            };
            life.until_death(life.engine.submit(&self.key, next, None)).await?.unwrap();
            life.idle(&self.key).await?;
        }
        life.catch_up();
        for operation in self.operations().await {
            assert_eq!(life.operations[&operation.id], operation, "the journal equals the reported events");
        }
        Ok(())
    }

    /// Retries the rest of each group's last operation, until nothing is left to retry, at most this often.
    pub(crate) async fn retry(&self, most: usize) {
        let mut life = self.begin(None).await;
        for _ in 0..most {
            let operations = self.operations().await;
            let is_last = |id: OperationId, group: &GroupId| {
                let later = operations.iter().filter(|operation| operation.id > id);
                !later.flat_map(|operation| &operation.items).any(|item| item.group == *group)
            };
            let mut requests = operations.iter().filter_map(|operation| {
                let mut request = again::retry(operation)?;
                request.wishes.retain(|wish| is_last(operation.id, &wish.group));
                (!request.wishes.is_empty()).then_some(request)
            });
            let Some(request) = requests.next() else { return };
            let order = self.order(request).await;
            life.run(&self.key, order).await;
        }
    }

    /// Undoes every operation, the newest first.
    pub(crate) async fn undo_all(&self) {
        let mut life = self.begin(None).await;
        for operation in self.operations().await {
            if let Some(request) = again::undo(&operation) {
                let order = self.order(request).await;
                life.run(&self.key, order).await;
            }
        }
    }

    /// The order of a request's plan, with all risks accepted.
    pub(crate) async fn order(&self, request: Request) -> Order {
        loop {
            let plan = self.plan(request.clone()).await;
            let is_unread = plan.rows.iter().any(|row| {
                matches!(row.reasons.first(), Some(Reason::SourceUnread(_) | Reason::TargetUnread(_)))
            });
            if plan.obstacle.is_none() && !is_unread {
                return plan.order();
            }
            // The operator tries again when it can be read.
            tokio::time::sleep(Duration::from_secs(30)).await;
        }
    }

    async fn plan(&self, request: Request) -> Plan {
        let (directory, limit) = (Directory::default(), self.settings.subgroup_limit);
        let mut plan = planned(&self.gateway, self.clock, &directory, request, limit).await;
        let risky = (0..plan.rows.len()).filter(|at| plan.rows[*at].head == Head::Risky).collect::<Vec<_>>();
        for at in risky {
            plan.toggle(at);
        }
        plan
    }
}

impl Life {
    /// Runs an order to its end.
    pub(crate) async fn run(&mut self, key: &InstanceKey, order: Order) -> OperationId {
        let id = self.engine.submit(key, order, None).await.unwrap();
        self.idle(key).await.unwrap();
        id
    }

    /// Waits until nothing is running.
    pub(crate) async fn idle(&mut self, key: &InstanceKey) -> Result<(), Died> {
        self.until_death(crate::support::rig::in_time(self.engine.until_idle(key))).await?;
        self.catch_up();
        Ok(())
    }

    async fn until_death<T>(&self, work: impl Future<Output = T>) -> Result<T, Died> {
        tokio::select! {
            biased;
            () = self.journal.died() => Err(Died),
            done = work => Ok(done),
        }
    }

    fn catch_up(&mut self) {
        while let Ok(engine_event) = self.engine_events.try_recv() {
            let EngineEvent::Recorded(record) = engine_event else { continue };
            match self.operations.get_mut(&record.operation) {
                Some(operation) => operation.apply(&record),
                None => {
                    self.operations.insert(record.operation, Operation::begin(&record).unwrap());
                }
            }
        }
    }
}
