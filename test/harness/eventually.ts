/** Waits for something to come true: 30 s at most. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('what was waited for did not come true within 30 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
