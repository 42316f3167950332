//! Walks along the chain of a town and stops at the first link that does not hold.

use std::fmt;

use uuid::Uuid;

use super::{
    HEAD, Head, KNOWN, PAGE,
    chain::{Link, head_mark},
    show::hex,
};
use crate::{
    crypto::Sealer,
    store::{Result, Tx},
};

/// Entries that are held in memory at once.
const PAGE_OF: i64 = 500;

/// A chain that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: i64,
    /// What the head says, in hexadecimal digits; empty before the first entry. Kept elsewhere it shows later that these
    /// entries are still the same.
    pub head: String,
}

/// The first entry at which a chain does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    pub seq: i64,
    pub fault: Fault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A column is not what was recorded.
    Changed,
    /// There is no entry of this number.
    Removed,
    /// Its columns were recorded under another number.
    Moved { from: i64 },
    /// It was recorded after a head that the portal had not made: somebody had changed what came before, and put
    /// that back since.
    Unlinked,
    /// Every entry holds, the head does not.
    Head,
    /// There is neither an entry nor a head, and somebody is known here.
    Emptied,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seq = self.seq;
        match self.fault {
            Fault::Changed => write!(f, "entry {seq} was changed"),
            Fault::Removed => write!(f, "entry {seq} was removed"),
            Fault::Moved { from } => write!(f, "entry {seq} was moved, it was recorded as entry {from}"),
            Fault::Unlinked => write!(f, "entry {seq} does not follow the entry before it"),
            Fault::Emptied => write!(f, "entry {seq} was removed, and with it all others and the head"),
            Fault::Head => write!(f, "the head of the chain after entry {seq} was changed"),
        }
    }
}

/// Looks at every entry of the transaction's town.
pub async fn verify(tx: &mut Tx) -> Result<Result<Verified, Broken>> {
    let (mut last, mut looked_again) = (0, false);
    let mut page = page_after(tx, last).await?;
    if page.is_empty() && head(tx).await?.is_none() {
        let somebody = tx.query(KNOWN).optional::<(Uuid,)>().await?;
        return Ok(match somebody {
            Some(_) => Err(Broken { seq: 1, fault: Fault::Emptied }),
            None => Ok(Verified { entries: 0, head: String::new() }),
        });
    }
    let sealer = tx.sealer().await?;
    let mut expected = head_mark(&sealer, 0, &[]);
    loop {
        for link in &page {
            if let Err(fault) = link.follows(&sealer, last + 1, &expected, tx).await? {
                return Ok(Err(Broken { seq: last + 1, fault }));
            }
            last = link.seq;
            expected = head_mark(&sealer, last, &link.mark);
        }
        if !page.is_empty() {
            looked_again = false;
        } else {
            match head(tx).await? {
                Some(head) if head.seq == last && head.mark == expected => {
                    return Ok(Ok(Verified { entries: last, head: hex(&expected) }));
                }
                // the town may go on while we read: what its head counts is there now
                Some(head) if head.seq > last && looked_again => {
                    return Ok(Err(Broken { seq: last + 1, fault: Fault::Removed }));
                }
                Some(head) if head.seq > last => looked_again = true,
                _ => return Ok(Err(Broken { seq: last, fault: Fault::Head })),
            }
        }
        page = page_after(tx, last).await?;
    }
}

impl Link {
    async fn follows(&self, sealer: &Sealer, seq: i64, expected: &[u8], tx: &mut Tx) -> Result<Result<(), Fault>> {
        if self.seq != seq {
            return Ok(Err(Fault::Removed));
        }
        if self.made_mark(sealer, seq) != self.mark {
            let last = head(tx).await?.map_or(seq, |head| head.seq);
            let was = (1..=last).find(|number| self.made_mark(sealer, *number) == self.mark);
            return Ok(Err(was.map_or(Fault::Changed, |from| Fault::Moved { from })));
        }
        Ok(if self.previous == expected { Ok(()) } else { Err(Fault::Unlinked) })
    }
}

async fn page_after(tx: &mut Tx, seq: i64) -> Result<Vec<Link>> {
    tx.query(PAGE).bind(seq).bind(PAGE_OF).all().await
}

async fn head(tx: &mut Tx) -> Result<Option<Head>> {
    tx.query(HEAD).optional().await
}
