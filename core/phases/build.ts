import { RecipeCollector } from "../image/draft.ts";
import type { Image } from "../image/image.ts";
import { addWishes } from "../image/wishes.ts";
import type { Session } from "../session.ts";

/** What the plugins want inside → an image that has it. */
export async function build(session: Session): Promise<Image> {
  const draft = new RecipeCollector(session.recipe.suite, session.recipe.packages);
  await addWishes(draft, session);
  await session.hooks.build.promise(draft);
  return await session.host.buildImage(draft.finish(), session);
}
