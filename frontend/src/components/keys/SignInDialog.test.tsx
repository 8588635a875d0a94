import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { http, HttpResponse } from "msw";
import { afterEach, expect, it } from "vitest";
import { access } from "../../api/access";
import { show } from "../../test/render";
import { at, server } from "../../test/server";
import { SignInDialog } from "./SignInDialog";

afterEach(async () => {
  await access.signOut();
});

it("says that a key is wrong, keeps what was typed, and takes the right one", async () => {
  server.use(
    http.get(at("/v1/whoami"), ({ request }) =>
      request.headers.get("authorization") === "Bearer quoth_good"
        ? HttpResponse.json({ key: "Ana", scopes: [] })
        : new HttpResponse("{}", { status: 401 }),
    ),
    http.post(at("/v1/session"), () => new HttpResponse("{}", { status: 503 })),
  );
  show(<SignInDialog why="needed" />);
  const field = screen.getByLabelText("Key");
  expect(field).toHaveFocus();
  await userEvent.type(field, "quoth_goo{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("This key opens nothing here");
  expect(field).toBeInvalid();
  await userEvent.type(field, "d{Enter}");
  await screen.findByRole("button", { name: "Sign in" });
  expect(access.key).toBe("quoth_good");
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});
