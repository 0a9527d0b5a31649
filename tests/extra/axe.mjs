// What axe finds in a page.

/** The violations of WCAG 2.2 AA, best practice and sizes of targets; `axe` is the text of axe-core. */
export async function violationsIn(page, axe) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      resultTypes: ["violations"],
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      rules: { "target-size": { enabled: true } },
    }),
  );
  return violations;
}
