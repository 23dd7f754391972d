// Opens the window, has its page train and write, prints what the page says as JSON, and closes it. Run by Bun.

import { windowOf } from "../../scripts/desktop/window.js";

const webview = windowOf(process.argv[2] ?? "");
webview.bind("said", (/** @type {unknown} */ figures) => {
  console.log(JSON.stringify(figures));
  process.exit(0);
});
webview.init(`addEventListener("load", async () => {
  const find = (id) => document.getElementById(id);
  const until = async (done) => { while (!done()) await new Promise((resolve) => setTimeout(resolve, 50)); };
  find("settings").elements.units.value = 32;
  find("start").click();
  await until(() => Number(find("loss").textContent) < 3.2);
  find("stop").click();
  find("write-on").click();
  await until(() => find("written").textContent.length > 90);
  const failures = [...document.querySelectorAll(".failure")].map(({ textContent }) => textContent).join("");
  said({ address: location.protocol, written: find("written").textContent, failures });
});`);
webview.run();
