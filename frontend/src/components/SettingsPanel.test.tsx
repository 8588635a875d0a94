import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { USUAL, type Can, type Options } from "../lib/options";
import { SettingsPanel } from "./SettingsPanel";

const CAN: Can = { keywords: true, languages: ["de", "en"], models: ["base", "large"] };

function Panel({ can = CAN, start = USUAL }: { can?: Can; start?: Options }) {
  const [options, setOptions] = useState(start);
  return (
    <SettingsPanel
      {...{ options, can }}
      onChange={(changes) => {
        setOptions({ ...options, ...changes });
      }}
    />
  );
}

describe("SettingsPanel", () => {
  it("shows the speaker hints exactly while speakers are told apart", async () => {
    render(<Panel />);
    for (const way of ["Auto", "Exact", "Min–Max"]) {
      expect(screen.getByRole("radio", { name: way })).toBeInTheDocument();
    }
    await userEvent.click(screen.getByRole("switch", { name: "Tell speakers apart" }));
    expect(screen.queryByRole("radio")).not.toBeInTheDocument();
  });

  it("keeps the fewest speakers no more than the most", async () => {
    render(<Panel start={{ ...USUAL, speakerCount: "range" }} />);
    const least = screen.getByRole("spinbutton", { name: "Min" });
    await userEvent.tripleClick(least);
    await userEvent.keyboard("6");
    expect(screen.getByRole("spinbutton", { name: "Max" })).toHaveValue(6);
  });

  it("offers only what the engine can do", () => {
    const { rerender } = render(<Panel />);
    expect(screen.getByRole("combobox", { name: "Language" })).toHaveTextContent("German");
    expect(screen.getByRole("combobox", { name: "Model" })).toBeInTheDocument();
    rerender(<Panel can={{ keywords: false, languages: ["en"], models: ["base"] }} />);
    expect(screen.queryByRole("combobox")).not.toBeInTheDocument();
    expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
  });
});
