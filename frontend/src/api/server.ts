/** What the server is and can do. */
import { ask, client, type Schemas } from "./client";

export type Health = Schemas["Health"];
export type Model = Schemas["ModelDocument"];

export const getHealth = (): Promise<Health> => ask(client.GET("/health"));

export const getModels = async (): Promise<Model[]> => (await ask(client.GET("/v1/models"))).data;
