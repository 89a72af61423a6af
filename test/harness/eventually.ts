/** Waits for something to come true: 30 s at most, unless told. */
export async function eventually(condition: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`what was waited for did not come true within ${withinMs / 1_000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
