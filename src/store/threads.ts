import type { ReaderAnswers, ReaderQuestion } from "./reader.ts";
import type { TidierAnswers, TidierQuestion } from "./tidier.ts";
import { threadEntry, WorkerLink } from "./worker-link.ts";
import type { WriterAnswers, WriterQuestion } from "./writer.ts";

export type Threads = {
  readonly writer: WorkerLink<WriterQuestion, WriterAnswers>;
  readonly reader: WorkerLink<ReaderQuestion, ReaderAnswers>;
  readonly tidier: WorkerLink<TidierQuestion, TidierAnswers>;
};

/** Those that a start needs at once load what they need; the database is not touched before openStore(). */
export function startThreads(path: string): Threads {
  const data = { path };
  const threads: Threads = {
    writer: new WorkerLink(threadEntry("writer"), data),
    reader: new WorkerLink(threadEntry("reader"), data),
    tidier: new WorkerLink(threadEntry("tidier"), data),
  };
  threads.writer.start();
  threads.reader.start();
  return threads;
}

/** Whatever they do. */
export async function endThreads({ writer, reader, tidier }: Threads): Promise<void> {
  await Promise.all([writer.end(), reader.end(), tidier.end()]);
}
