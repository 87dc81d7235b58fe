// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/tool_setup.h"
#include "ui/pages/page.h"
#include <vector>

class QComboBox;
class QLabel;
class QPushButton;

namespace weir::engine {
class EngineHost;
}

namespace weir::ui {

/// How each tool is pointed at Weir, and whether the first request has come.
class GetStartedPage : public Page
{
    Q_OBJECT
public:
    /// `host` is borrowed for the page's life. `isDemo`: the page stands among those of the demo.
    GetStartedPage(engine::EngineHost &host, bool isDemo, QWidget *parent = nullptr);

    void refresh() override;

private:
    struct Row
    {
        QLabel *note;
        std::vector<QLabel *> texts; ///< one of each block
    };

    QWidget *makeHead();
    QWidget *makeRow(const ToolSetup &setup);
    QPushButton *makeCopy(const QString &tool, const SetupBlock &block, const QLabel *text, QWidget *card);
    QWidget *makeDemo(bool isDemo);
    QWidget *makeKeyCard();
    Shell shell() const;
    void showCommands();
    void showVerification();

    engine::EngineHost &m_host;
    QComboBox *m_shell = nullptr;
    QLabel *m_state = nullptr;
    QLabel *m_intro = nullptr;
    QWidget *m_keyCard = nullptr;
    QLabel *m_keyText = nullptr;
    std::vector<Row> m_rows;
};

} // namespace weir::ui
