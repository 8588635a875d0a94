/** What the server is and can do. */
import { useQuery } from "@tanstack/react-query";
import { getHealth, getModels, type Model } from "../api/server";
import type { Can } from "../lib/options";

export function useHealth() {
  return useQuery({ queryKey: ["health"], queryFn: getHealth, refetchInterval: 15_000 });
}

export function useModels() {
  return useQuery({ queryKey: ["models"], queryFn: getModels, staleTime: 60_000 });
}

/** What can be asked for, with a model; without a name, with the configured one. */
export function abilities(models: readonly Model[], name: string): Can {
  const model = models.find((one) => one.id === name) ?? models[0];
  return {
    keywords: model?.has_keywords ?? false,
    languages: model?.languages ?? [],
    models: models.map((one) => one.id),
  };
}
