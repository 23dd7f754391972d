import { learn } from "../../../learn.js";

export const dynamic = "force-dynamic";

export async function GET() {
  return new Response(await learn());
}
