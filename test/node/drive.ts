/** What a person does with the page of site/, wherever it was opened. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright";

export function drive(page: Page) {
  const textOf = (selector: string) => page.locator(selector).innerText();
  return {
    textOf,

    /** Chooses sizes that take no time. */
    async shrink() {
      for (const [name, value] of Object.entries({ units: 32, batch: 16, steps: 32 }))
        await page.fill(`[name=${name}]`, String(value));
    },

    /** Trains until the loss is below `loss`. */
    async train(loss: number) {
      await page.click("#start");
      await page.waitForFunction((loss) => Number(document.querySelector("#loss")?.textContent) < loss, loss);
    },

    async stop() {
      await page.click("#stop");
      await page.locator("#start:enabled").waitFor();
    },

    /** The beginning of what the model writes after a prompt. */
    async writeOn(prompt: string) {
      await page.fill("#prompt", prompt);
      await page.click("#write-on");
      await page.waitForFunction(() => (document.querySelector("#written")?.textContent ?? "").length > 90);
      return (await textOf("#written")).slice(0, 80);
    },

    /** The model's file, and the name it was offered under. */
    async save() {
      const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    },

    openFile: (buffer: Buffer) =>
      page.setInputFiles("#file", { name: "kept.safetensors", mimeType: "application/octet-stream", buffer }),

    chooseText: (buffer: Buffer) =>
      page.setInputFiles("#text", { name: "my notes.txt", mimeType: "text/plain", buffer }),
  };
}

/** The errors and warnings of a page, as they come. */
export function listenForErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  return errors;
}
