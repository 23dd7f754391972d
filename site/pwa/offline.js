// Has a service worker serve the page from its next visit on. The first visit becomes the next one by itself, unless somebody
// has begun already: only a page that its service worker served is isolated, and may have threads that share memory.

const { serviceWorker } = navigator;
if (serviceWorker && /^https?:$/.test(location.protocol)) {
  await serviceWorker.register("service-worker.js", { updateViaCache: "none" });
  await serviceWorker.ready;
  const [visit] = performance.getEntriesByType("navigation");
  const again = visit instanceof PerformanceNavigationTiming && visit.type === "reload"; // once, whatever happens
  if (!serviceWorker.controller && !again && idle()) location.reload();
}

/** Whether the page has no model and makes none. */
function idle() {
  return ["save", "stop"].every((id) => document.querySelector(`#${id}:disabled`));
}
