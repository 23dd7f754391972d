// Shows in the title of a page what came of it.
import { learn } from "./learn.js";

document.title = await learn().catch((error) => `failed: ${error?.stack ?? error}`);
