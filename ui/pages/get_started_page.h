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
    /// `host` is borrowed for the page's life.
    explicit GetStartedPage(engine::EngineHost &host, QWidget *parent = nullptr);

    void refresh() override;

private:
    struct Row
    {
        QLabel *note;
        QLabel *command;
        QString text;
    };

    QWidget *makeHead();
    QWidget *makeRow(const ToolSetup &setup);
    QWidget *makeDemo();
    QWidget *makeKeyCard();
    Shell shell() const;
    void showCommands();
    void showVerification();

    engine::EngineHost &m_host;
    QComboBox *m_shell = nullptr;
    QLabel *m_state = nullptr;
    QPushButton *m_demo = nullptr;
    QLabel *m_intro = nullptr;
    QWidget *m_keyCard = nullptr;
    QLabel *m_keyText = nullptr;
    std::vector<Row> m_rows;
};

} // namespace weir::ui
