import { useDeferredValue, useState } from "react";
import { messageOf } from "../api/client";
import { useDoomed } from "../hooks/useJobActions";
import { isActive, useJobs } from "../hooks/useJobs";
import { JobRow } from "./JobRow";
import { Button } from "./ui/Button";
import { Icon } from "./ui/Icon";

/** The queue, and below it the history, searched and page by page. */
export function JobList() {
  const [query, setQuery] = useState("");
  const doomed = useDoomed();
  const found = useJobs(useDeferredValue(query));
  const jobs = (found.data?.pages ?? [])
    .flatMap((page) => page.data)
    .filter((job) => !doomed.has(job.id));
  const active = jobs.filter(isActive);
  const past = jobs.filter((job) => !isActive(job));
  if (found.isError && !found.data) {
    return (
      <section className="empty" role="alert">
        <p>{messageOf(found.error)}</p>
        <Button icon="retry" onClick={() => void found.refetch()}>
          Try again
        </Button>
      </section>
    );
  }
  if (!found.data || (jobs.length === 0 && !query)) return null;
  return (
    <>
      {active.length > 0 && (
        <section aria-labelledby="queue">
          <h2 id="queue">In the works</h2>
          <ul className="rows">
            {active.map((job) => (
              <JobRow key={job.id} job={job} />
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="history">
        <div className="section-head">
          <h2 id="history">Recordings</h2>
          <label className="search-field">
            <Icon name="search" />
            <span className="visually-hidden">Search recordings</span>
            <input
              type="search"
              placeholder="Names and words"
              value={query}
              onChange={(event) => {
                setQuery(event.target.value);
              }}
            />
          </label>
        </div>
        <ul className="rows">
          {past.map((job) => (
            <JobRow key={job.id} job={job} />
          ))}
        </ul>
        {past.length === 0 && (
          <p className="empty">
            {query ? `Nothing has “${query}” in its name or its words.` : "What is done will be here."}
          </p>
        )}
        {found.hasNextPage && (
          <Button onClick={() => void found.fetchNextPage()} disabled={found.isFetchingNextPage}>
            Show older ones
          </Button>
        )}
      </section>
    </>
  );
}
