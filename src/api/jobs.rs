//! Asynchronous jobs.

use crate::api::names::Names;
use crate::api::owned::Owned;
use crate::api::paging::Paged;
use crate::api::{Rows, api};
use crate::engine::Cx;
use crate::model::{Account, Domain, Job, Time, Uid, User};
use crate::schema::{Fault, Id, Text, view};
use crate::store::StoreError;
use serde_json::Value as Json;

view! {
    /// A job, as `queryAsyncJobResult` shows it.
    JobView in "AsyncJobResponse" shows ["jobid", "cmd", "jobstatus", "jobinstancetype",
        "created"] {
        /// the id of the account that called
        accountid: Uid,
        /// the name of the account that called
        account: String,
        /// the id of the account's domain
        domainid: Uid,
        /// the path of the account's domain
        domainpath: String,
        /// the id of the user who called
        userid: Uid,
        /// the command
        cmd: String,
        /// 0 in progress, 1 done, 2 failed, 3 cancelled
        jobstatus: i64,
        /// how far the job is; always 0
        jobprocstatus: i64,
        /// 0, or the error code
        jobresultcode: i64,
        /// the shape of the result: `object`
        jobresulttype: Option<&'static str>,
        /// the result, or the error code and text
        jobresult: Option<Json>,
        /// the kind of thing that the job is about
        jobinstancetype: Option<String>,
        /// the id of that thing
        jobinstanceid: Option<String>,
        /// when the job was queued
        created: Time,
        /// when the job ended
        completed: Option<Time>,
        /// the id of the job
        jobid: Uid,
    }
}

api! {
    /// Shows a job and, once it has ended, its result.
    now flat "queryAsyncJobResult" { example: "query async job result jobid=..." }
    => query -> JobView;
    QueryAsyncJobResult {
        /// the id of the job
        jobid: Option<Id<Job>>,
        /// the id of the thing whose latest job to show; needs resourcetype
        resourceid: Option<Text>,
        /// the kind of thing whose latest job to show, as Network; needs resourceid
        resourcetype: Option<Text>,
    }
}

api! {
    /// Lists jobs, the newest first.
    now list "listAsyncJobs" { key: "asyncjobs", example: "list async jobs listall=true" }
    => list -> JobView;
    ListAsyncJobs {
        /// the earliest time at which the jobs were queued
        startdate: Option<Time>,
        /// the id of the management server that runs the jobs; there is only one
        _managementserverid as "managementserverid": Option<Text>,
        /// the id of the thing that the jobs are about
        resourceid: Option<Text>,
        /// the kind of thing that the jobs are about, as Network
        resourcetype: Option<Text>,
        ..owned: Owned,
        ..paged: Paged,
    }
}

fn query(cx: &mut Cx<'_>, args: &QueryAsyncJobResult) -> Result<JobView, Fault> {
    let job = match (&args.jobid, &args.resourcetype, &args.resourceid) {
        (Some(id), ..) => {
            let row = cx.row(id)?;
            cx.tx.get(row)?.ok_or_else(|| cx.unknown(id))?
        }
        (None, Some(kind), Some(id)) => cx.job_about(kind, id)?.ok_or_else(|| {
            Fault::invalid("Invalid parameter resourceid: no job is about such a thing")
        })?,
        _ => {
            return Err(Fault::invalid(
                "Invalid parameter jobid: it must be given, or else resourceid and resourcetype",
            ));
        }
    };
    cx.check_access(&job)?;
    show(cx, &mut Names::default(), job)
}

fn list(cx: &mut Cx<'_>, args: &ListAsyncJobs) -> Result<Rows<JobView>, Fault> {
    let mut filter = args.paged.filter();
    args.owned.narrow(cx, &mut filter, "account_id", false)?;
    if let Some(start) = args.startdate {
        filter.holds("created >= ?", [start.into()]);
    }
    filter.is("instance", args.resourceid.as_deref().map(str::to_ascii_lowercase));
    filter.is("instance_type", args.resourcetype.as_deref().map(str::to_owned));
    filter.keyword(&["cmd"]);
    let known = if filter.is_empty() { Some(cx.jobs()?) } else { None };
    let (jobs, total) = filter.counted::<Job>(cx, "id DESC", known)?;
    let mut names = Names::default();
    let rows = jobs.into_iter().map(|job| show(cx, &mut names, job));
    Ok(Rows { rows: rows.collect::<Result<_, _>>()?, total })
}

fn show(cx: &mut Cx<'_>, names: &mut Names, job: Job) -> Result<JobView, Fault> {
    let account: Account = cx.must(job.account_id)?;
    let read = |text: &str| {
        serde_json::from_str(text)
            .map_err(|why| StoreError::Damaged(format!("the result of job {}: {why}", job.id)))
    };
    let jobresult: Option<Json> = job.result.as_deref().map(read).transpose()?;
    Ok(JobView {
        accountid: cx.uid::<Account>(account.id),
        account: account.name,
        domainid: cx.uid::<Domain>(account.domain_id),
        domainpath: names.domain_path(cx, account.domain_id)?,
        userid: cx.uid::<User>(job.user_id),
        cmd: job.cmd,
        jobstatus: job.status,
        jobprocstatus: 0,
        jobresultcode: job.result_code,
        jobresulttype: jobresult.as_ref().map(|_| "object"),
        jobresult,
        jobinstancetype: job.instance_type,
        jobinstanceid: job.instance,
        created: job.created,
        completed: job.completed,
        jobid: cx.uid::<Job>(job.id),
    })
}

#[cfg(test)]
mod tests;
