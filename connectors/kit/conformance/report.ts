import type { ConformanceCase } from './target.ts'

export interface CaseReport {
  readonly name: string
  readonly passed: boolean
  readonly ms: number
  /** What was expected and what was there instead; null if it passed. */
  readonly problem: string | null
}

const problemChars = 2_000

/** Runs cases one after the other, and tells of each as it ends. */
export async function runCases(
  cases: readonly ConformanceCase[],
  onCase: (report: CaseReport) => void = () => undefined,
): Promise<CaseReport[]> {
  const reports: CaseReport[] = []
  for (const { name, run } of cases) {
    const started = performance.now()
    const problem = await run().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, problemChars),
    )
    const report = { name, passed: problem === null, ms: Math.round(performance.now() - started), problem }
    reports.push(report)
    onCase(report)
  }
  return reports
}
